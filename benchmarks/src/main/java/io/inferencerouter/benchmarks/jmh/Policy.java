package io.inferencerouter.benchmarks.jmh;

import io.inferencerouter.EndpointSelector;
import io.inferencerouter.core.selection.Selectors;

/** The selectors that are measured. */
public enum Policy {
  /** The default. */
  PREDICTED_TIME,
  /** Weighted least outstanding work. */
  LEAST_OUTSTANDING_WORK,
  /** Weighted least outstanding requests. */
  LEAST_OUTSTANDING_REQUESTS,
  /** Peak EWMA. */
  PEAK_EWMA,
  /** Smooth weighted round robin. */
  WEIGHTED_ROUND_ROBIN,
  /** Round robin. */
  ROUND_ROBIN,
  /** Weighted random. */
  RANDOM,
  /** Session hash. */
  SESSION_HASH;

  EndpointSelector selector() {
    return switch (this) {
      case PREDICTED_TIME -> Selectors.predictedTime();
      case LEAST_OUTSTANDING_REQUESTS -> Selectors.leastOutstandingRequests();
      case LEAST_OUTSTANDING_WORK -> Selectors.leastOutstandingWork();
      case PEAK_EWMA -> Selectors.peakEwma();
      case WEIGHTED_ROUND_ROBIN -> Selectors.weightedRoundRobin();
      case RANDOM -> Selectors.random();
      case SESSION_HASH -> Selectors.sessionHash();
      case ROUND_ROBIN -> Selectors.roundRobin();
    };
  }
}
