package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Policy;
import java.util.List;

/** The rivals that balance requests of any kind. */
public final class ClassicPolicies {
  private ClassicPolicies() {}

  /** All of them, new ones each time, from the simplest to the most elaborate. */
  public static List<Policy> all() {
    return List.of(
        RandomBalancer.policy(),
        RoundRobin.policy(),
        SmoothWeightedRoundRobin.policy(),
        LeastConnections.policy(),
        LeastConnections.weightedPolicy(),
        PowerOfTwo.policy(),
        PeakEwma.policy(),
        EnvoyLeastRequest.policy(),
        EnvoyWeightedLeastRequest.policy(),
        GrpcWeightedRoundRobin.policy(),
        Prequal.policy(),
        LiteLlmLowestLatency.policy(),
        LiteLlmLeastBusy.policy(),
        SessionHash.policy(),
        SessionHash.boundedPolicy());
  }
}
