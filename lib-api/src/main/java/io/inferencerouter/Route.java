package io.inferencerouter;

/**
 * A model whose candidates have been looked up in advance: the fastest way to a lease for callers
 * that use the same model again and again.
 *
 * <p>A route stays valid for the life of its router, whatever happens to the endpoints. Safe for
 * use by many threads.
 */
public interface Route {
  /** The model; empty when the route leads to any model. */
  String model();

  /**
   * As {@link InferenceRouter#acquire}.
   *
   * @param request a request for {@link #model()}
   * @throws IllegalArgumentException if the request is for another model
   */
  Lease acquire(InferenceRequest request);

  /**
   * As {@link #acquire(InferenceRequest)}, with the caller's own reading of the router's {@link
   * Ticker}, which saves one.
   *
   * @param nowNanos the current time
   */
  Lease acquire(InferenceRequest request, long nowNanos);
}
