package io.inferencerouter;

import java.util.function.Consumer;

/**
 * The right to send one attempt of a request to one endpoint. It holds a slot there, and the
 * predicted time of the request, until it is completed.
 *
 * <p>What happens on the way is reported on the lease, by any thread:
 *
 * <pre>
 *   acquire ─▶ firstToken? ─▶ progress* ─▶ complete | close
 * </pre>
 *
 * <p>Exactly what was reserved is returned: the input part with the first token, the output part
 * with the progress, and whatever is left on completion. Only the first completion counts;
 * everything reported after it is ignored. A lease that is closed without an outcome counts as
 * {@linkplain Outcome#cancelled cancelled}.
 *
 * <p>Safe for use by many threads; nothing in it is bound to the thread that acquired it.
 */
public interface Lease extends AutoCloseable {
  /** The endpoint to send to. */
  Endpoint endpoint();

  /**
   * The model to ask for; differs from that of the request when a fallback model answers. Empty
   * when any will do.
   */
  String model();

  /** The version of the model the endpoint serves; empty when it states none. */
  String modelVersion();

  /** The request this lease was acquired for. */
  InferenceRequest request();

  /** When the lease was acquired, as read from the router's {@link Ticker}. */
  long acquiredNanos();

  /** Reports that the first output has arrived. Only the first report counts. */
  void firstToken();

  /**
   * As {@link #firstToken()}, with the caller's own reading of the router's {@link Ticker}.
   *
   * @param nowNanos the time at which the first output arrived
   */
  void firstToken(long nowNanos);

  /**
   * Reports that more output has arrived.
   *
   * @param outputUnits how much since the last report; 0 says that something has arrived that
   *     cannot be counted, which is a sign of life and no more; less is ignored
   */
  void progress(long outputUnits);

  /**
   * Says whether whoever reads the answer holds it back. While that is so no progress can come, and
   * none is missed: without it, a reader who takes his time looks like an endpoint that has
   * stopped. At first nothing is held back.
   */
  void backpressure(boolean heldBack);

  /**
   * Has an action run when the router takes the attempt back: because the endpoint was ejected or
   * removed, does not begin to answer, or does not go on, or because the lease is taken for lost.
   *
   * <p>With a revocation that is not {@linkplain Revocation#isFinal() final} it runs only before
   * the first token; again and again, as long as its reason is there and the attempt goes on, for
   * what could not be moved may be later, but never twice at a time with the same one. If the
   * attempt can be given up, its lease is to be completed with the {@linkplain Revocation#outcome()
   * outcome} of the revocation, and the request can be sent elsewhere; otherwise nothing is to be
   * done. With a final one it runs at most once, when the lease has been ended. After the lease was
   * completed otherwise it does not run; if both happen at the same moment, {@link #complete}
   * returns true to one of the two.
   *
   * <p>The action runs on the router's executor; if there is a reason already, at once. What it
   * throws is isolated.
   *
   * @throws IllegalStateException if there is an action already
   */
  void onRevoked(Consumer<Revocation> action);

  /**
   * Passes on what the endpoint says of its load; the newest report counts, also after completion.
   */
  void loadReport(LoadReport report);

  /**
   * Ends the lease and returns what it holds.
   *
   * @return whether this call ended it; false if it had ended before, which is harmless
   */
  boolean complete(Outcome outcome);

  /**
   * As {@link #complete(Outcome)}, with the caller's own reading of the router's {@link Ticker}.
   *
   * @param nowNanos the time at which the attempt ended
   */
  boolean complete(Outcome outcome, long nowNanos);

  /** Whether the lease has ended. */
  boolean isComplete();

  /** Ends the lease as {@linkplain Outcome#cancelled cancelled}, unless it has ended already. */
  @Override
  default void close() {
    complete(Outcome.cancelled());
  }
}
