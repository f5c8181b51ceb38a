package io.inferencerouter.examples.demo;

import io.inferencerouter.EndpointSelector;
import io.inferencerouter.core.selection.Selectors;
import java.util.Locale;

/** The policies to compare; the router's default comes last. */
enum Policy {
  /** Each endpoint in turn. */
  ROUND_ROBIN,
  /** The endpoint with the fewest requests in flight. */
  LEAST_OUTSTANDING,
  /** The router's default: the endpoint that is predicted to answer first. */
  PREDICTED_TIME;

  /** The selector that decides so. */
  EndpointSelector selector() {
    return switch (this) {
      case ROUND_ROBIN -> Selectors.roundRobin();
      case LEAST_OUTSTANDING -> Selectors.leastOutstandingRequests();
      case PREDICTED_TIME -> Selectors.predictedTime();
    };
  }

  /** The name, as in the options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
