package io.inferencerouter.benchmarks.jmh;

import io.inferencerouter.EndpointSelector;
import io.inferencerouter.core.selection.Selectors;

/** The selectors that are measured. */
public enum Policy {
  /** The default. */
  PREDICTED_TIME,
  /** Weighted least outstanding requests. */
  LEAST_OUTSTANDING_REQUESTS,
  /** Round robin. */
  ROUND_ROBIN;

  EndpointSelector selector() {
    return switch (this) {
      case PREDICTED_TIME -> Selectors.predictedTime();
      case LEAST_OUTSTANDING_REQUESTS -> Selectors.leastOutstandingRequests();
      case ROUND_ROBIN -> Selectors.roundRobin();
    };
  }
}
