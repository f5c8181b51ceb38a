package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * Envoy's least request balancer where all weights are equal (envoy.load_balancing_policies
 * .least_request, choice_count 2): of two draws, which may be of the same endpoint, the second is
 * taken if it has fewer active requests. Outlier detection is not on by default in Envoy, and not
 * here.
 */
final class EnvoyLeastRequest extends OutstandingBalancer<Candidates> {
  private static final int CHOICES = 2;

  private EnvoyLeastRequest(Client client) {
    super(client, Avoidance.NONE);
  }

  static Policy policy() {
    return new NamedPolicy(
        "envoy-least-request",
        "Fewer own requests in flight of two draws (Envoy: least_request, choice_count 2)",
        Policy.Standing.RIVAL,
        EnvoyLeastRequest::new);
  }

  @Override
  Candidates candidates(Target[] targets) {
    return new Candidates(targets);
  }

  @Override
  int choose(SimulatedRequest request, Candidates candidates) {
    int best = candidates.usable(random.nextInt(candidates.usableCount()));
    for (int choice = 1; choice < CHOICES; choice++) {
      int drawn = candidates.usable(random.nextInt(candidates.usableCount()));
      if (outstanding(candidates.target(drawn)) < outstanding(candidates.target(best))) {
        best = drawn;
      }
    }
    return best;
  }
}
