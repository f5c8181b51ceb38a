package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/** Each request goes to an endpoint drawn uniformly; as Envoy's RANDOM load balancer does. */
final class RandomBalancer extends OutstandingBalancer<Candidates> {
  private RandomBalancer(Client client) {
    super(client, Avoidance.NONE);
  }

  static Policy policy() {
    return new NamedPolicy(
        "random",
        "An endpoint drawn uniformly (Envoy: RANDOM)",
        Policy.Standing.RIVAL,
        RandomBalancer::new);
  }

  @Override
  Candidates candidates(Target[] targets) {
    return new Candidates(targets);
  }

  @Override
  int choose(SimulatedRequest request, Candidates candidates) {
    return candidates.usable(random.nextInt(candidates.usableCount()));
  }
}
