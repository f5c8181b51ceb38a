package io.inferencerouter;

/**
 * Estimates the work of a request before it is sent: input work (what is read, the prefill) and
 * output work (what is generated, the decode), each in the model's own units: tokens, pages,
 * images, bytes.
 *
 * <p>There are two numbers because they scale differently on different hardware: one GPU may read
 * three times as fast as another and generate no more than half again as fast. How long a unit
 * takes on which endpoint is not the estimator's business. The units are those in which {@link
 * Lease#progress} and {@link Usage} report what was generated.
 *
 * <p>Estimators are called on every routing decision, by many threads at once; they should not
 * allocate or block. A value that is not a number is taken for 0, a negative one too, and one above
 * {@value #MAX_WORK} for that. When an estimator throws, the request is routed with the router's
 * default work, and listeners hear of it.
 */
public interface CostEstimator {
  /** The largest work that is taken at face value. */
  double MAX_WORK = 1e12;

  /** The input work of the request. */
  double inputWork(InferenceRequest request);

  /**
   * The input whose units take twice as long as those of a short one, since each unit of a text is
   * compared with all before it: reading {@code n} units takes as long as {@code n + n² ÷ doubling}
   * units of a short input. Infinite by default, which means that time goes with size alone. Asked
   * for once, when the router is built.
   */
  default double doublingInput() {
    return Double.POSITIVE_INFINITY;
  }

  /** The expected output work of the request; 0 when nothing is generated. */
  double outputWork(InferenceRequest request);

  /**
   * Tells the estimator what a request really took, so that it can do better next time. Called once
   * for each request that succeeds and whose usage is known, by many threads at once; it should not
   * allocate or block. By default nothing is learned.
   */
  default void settle(InferenceRequest request, Usage usage) {}
}
