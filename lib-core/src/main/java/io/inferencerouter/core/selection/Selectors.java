package io.inferencerouter.core.selection;

import io.inferencerouter.EndpointSelector;

/**
 * Ready-made {@link EndpointSelector}s. All are safe for use by many threads and by many routers at
 * once.
 */
public final class Selectors {
  private static final EndpointSelector PREDICTED_TIME = new PredictedTimeSelector();
  private static final EndpointSelector LEAST_OUTSTANDING_REQUESTS =
      new LeastOutstandingRequestsSelector();
  private static final EndpointSelector LEAST_OUTSTANDING_WORK = new LeastOutstandingWorkSelector();
  private static final EndpointSelector PEAK_EWMA = new PeakEwmaSelector();
  private static final EndpointSelector WEIGHTED_ROUND_ROBIN = new WeightedRoundRobinSelector();
  private static final EndpointSelector ROUND_ROBIN = new RoundRobinSelector();
  private static final EndpointSelector RANDOM = new RandomSelector();

  /** The default of {@link #sessionHash(double)}. */
  public static final double DEFAULT_EXCESS = 0.5;

  static final double MIN_EXCESS = 0.01;
  static final double MAX_EXCESS = 1_000;

  private Selectors() {}

  /**
   * The endpoint on which the request will be answered soonest, without holding up those that are
   * there already. The default.
   */
  public static EndpointSelector predictedTime() {
    return PREDICTED_TIME;
  }

  /**
   * The endpoint with the least outstanding work, in predicted seconds. The speed of the hardware
   * is in the seconds, and so is the weight, for endpoints that declare no speed.
   */
  public static EndpointSelector leastOutstandingWork() {
    return LEAST_OUTSTANDING_WORK;
  }

  /** The endpoint with the fewest requests in flight in proportion to its weight. */
  public static EndpointSelector leastOutstandingRequests() {
    return LEAST_OUTSTANDING_REQUESTS;
  }

  /** One endpoint after the other, whatever their load, speed and weight are. */
  public static EndpointSelector roundRobin() {
    return ROUND_ROBIN;
  }

  /**
   * Of a few endpoints drawn by weight, the one with the least latency times requests in flight,
   * where a slow answer counts at once and is forgotten slowly.
   *
   * @see io.inferencerouter.Candidates#latencySeconds
   */
  public static EndpointSelector peakEwma() {
    return PEAK_EWMA;
  }

  /**
   * One endpoint after the other, each as often as its weight says, and never many times in a row
   * where that can be avoided.
   *
   * @see io.inferencerouter.Candidates#rotateWeighted
   */
  public static EndpointSelector weightedRoundRobin() {
    return WEIGHTED_ROUND_ROBIN;
  }

  /** An endpoint at random, each as often as its weight says. */
  public static EndpointSelector random() {
    return RANDOM;
  }

  /** As {@link #sessionHash(double)}, with {@value #DEFAULT_EXCESS}. */
  public static EndpointSelector sessionHash() {
    return sessionHash(DEFAULT_EXCESS);
  }

  /**
   * Always the same endpoint for a {@linkplain io.inferencerouter.InferenceRequest#session()
   * session}, by rendezvous hashing in proportion to the weights, as long as that endpoint is
   * available, does not fail, and is not overloaded; meanwhile always the same other one. A change
   * of the set of endpoints moves no more sessions than it must. A request without a session goes
   * to the endpoint with the least outstanding requests.
   *
   * <p>A decision takes time in proportion to the number of candidates.
   *
   * @param excess by how much an endpoint may have more requests in flight than its fair share
   *     before its sessions go elsewhere, 0.01 to 1000: 0.5 (the default) allows half as many more.
   *     A smaller number balances better, a larger one keeps more sessions where their caches are.
   */
  public static EndpointSelector sessionHash(double excess) {
    return new SessionHashSelector(excess, LEAST_OUTSTANDING_REQUESTS);
  }
}
