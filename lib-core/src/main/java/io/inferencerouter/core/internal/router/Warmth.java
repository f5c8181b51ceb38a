package io.inferencerouter.core.internal.router;

import io.inferencerouter.core.internal.state.EndpointState;

/**
 * Which endpoints have how much of one request in their caches already.
 *
 * <p>Where that is little, one object may stand for many requests: what differs is then in the note
 * that comes with it, and that each decision keeps for itself.
 */
interface Warmth {
  /** No slot. */
  int NONE = -1;

  /**
   * The share of the input that an endpoint has read, as far as is noted and kept for so long, 0 to
   * 1.
   */
  double notedShare(EndpointState state, int note);

  /** Learns from what an endpoint has reported: the share of the input that it had read. */
  void reported(EndpointState state, int note, double cachedShare);

  /** How far what is noted of an endpoint is to be believed, 0 to 1. */
  double trust(EndpointState state);

  /** The share of the input that an endpoint need not read again, by all that is known, 0 to 1. */
  default double cachedShare(EndpointState state, int note) {
    return notedShare(state, note) * trust(state);
  }

  /** The slot of the endpoint with the most in its cache, next most and so on, or {@link #NONE}. */
  int slot(int rank, int note);

  /** How much more is noted of the first of them than of everybody, as a share of the input. */
  double advantage(int note);
}
