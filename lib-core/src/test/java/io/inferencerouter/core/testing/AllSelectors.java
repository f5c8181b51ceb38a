package io.inferencerouter.core.testing;

import io.inferencerouter.EndpointSelector;
import io.inferencerouter.core.selection.Selectors;
import java.util.List;

/** The selectors of this library, each as it is by default. */
public final class AllSelectors {
  private AllSelectors() {}

  /** All of them. */
  public static List<EndpointSelector> all() {
    return List.of(
        Selectors.predictedTime(),
        Selectors.leastOutstandingWork(),
        Selectors.leastOutstandingRequests(),
        Selectors.peakEwma(),
        Selectors.weightedRoundRobin(),
        Selectors.roundRobin(),
        Selectors.random(),
        Selectors.sessionHash());
  }

  /** Those to which an endpoint on which nothing runs is better than one that is busy. */
  public static List<EndpointSelector> thatGoByLoad() {
    return List.of(
        Selectors.predictedTime(),
        Selectors.leastOutstandingWork(),
        Selectors.leastOutstandingRequests(),
        Selectors.peakEwma());
  }
}
