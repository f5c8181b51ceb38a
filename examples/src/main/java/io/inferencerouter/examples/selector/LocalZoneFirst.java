package io.inferencerouter.examples.selector;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import java.time.Duration;

/**
 * Stays in the caller's own zone, where traffic costs nothing, until the wait there is too long;
 * then takes whichever endpoint can start soonest, wherever it is.
 */
final class LocalZoneFirst implements EndpointSelector {
  private final String zone;
  private final double patienceSeconds;

  /**
   * Creates the policy.
   *
   * @param zone the caller's zone
   * @param patience the longest wait in the zone that is still better than to leave it
   */
  LocalZoneFirst(String zone, Duration patience) {
    this.zone = zone;
    this.patienceSeconds = patience.toNanos() / 1e9;
  }

  @Override
  public int select(InferenceRequest request, Candidates candidates) {
    int local = soonest(candidates, true);
    if (local != NONE && candidates.predictedWaitSeconds(local) <= patienceSeconds) {
      return local;
    }
    return soonest(candidates, false);
  }

  private int soonest(Candidates candidates, boolean localOnly) {
    int soonest = NONE;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < candidates.size(); i++) {
      boolean eligible = !localOnly || candidates.endpoint(i).zone().equals(zone);
      double start = candidates.predictedWaitSeconds(i) + candidates.predictedInputSeconds(i);
      if (eligible && candidates.isAvailable(i) && start < least) {
        soonest = i;
        least = start;
      }
    }
    return soonest;
  }
}
