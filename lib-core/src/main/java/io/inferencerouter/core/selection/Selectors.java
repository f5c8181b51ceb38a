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
  private static final EndpointSelector ROUND_ROBIN = new RoundRobinSelector();

  private Selectors() {}

  /**
   * The endpoint on which the request will be answered soonest, without holding up those that are
   * there already. The default.
   */
  public static EndpointSelector predictedTime() {
    return PREDICTED_TIME;
  }

  /** The endpoint with the fewest requests in flight in proportion to its weight. */
  public static EndpointSelector leastOutstandingRequests() {
    return LEAST_OUTSTANDING_REQUESTS;
  }

  /** One endpoint after the other, whatever their load, speed and weight are. */
  public static EndpointSelector roundRobin() {
    return ROUND_ROBIN;
  }
}
