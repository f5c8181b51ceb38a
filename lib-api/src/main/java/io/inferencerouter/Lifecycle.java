package io.inferencerouter;

/**
 * The stage of life an endpoint is in.
 *
 * <pre>
 *   WARMING ──first success──▶ ACTIVE
 *   WARMING, ACTIVE ──eject──▶ EJECTED ──reinstate──▶ WARMING
 *   WARMING, ACTIVE, EJECTED ──drain──▶ DRAINING ──idle──▶ REMOVED
 * </pre>
 */
public enum Lifecycle {
  /** Takes requests, but has not answered one since it joined or came back. */
  WARMING,
  /** Takes requests. */
  ACTIVE,
  /** Takes no new requests; those in flight go on to their end. */
  DRAINING,
  /** Takes no new requests for now; it comes back when the ejection ends. */
  EJECTED,
  /** Has left the router, and holds no request any more. */
  REMOVED;

  /** Whether an endpoint in this stage takes new requests. */
  public boolean isRoutable() {
    return this == WARMING || this == ACTIVE;
  }
}
