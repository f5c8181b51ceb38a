package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * The one with fewer requests in flight of two different endpoints drawn uniformly: M.
 * Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, IEEE TPDS 12(10), 2001. The
 * client knows only its own requests.
 */
final class PowerOfTwo extends OutstandingBalancer<Candidates> {
  private PowerOfTwo(Client client) {
    super(client, Avoidance.NONE);
  }

  static Policy policy() {
    return new NamedPolicy(
        "power-of-two",
        "Fewer own requests in flight of two endpoints drawn at random"
            + " (Mitzenmacher, IEEE TPDS 2001)",
        Policy.Standing.RIVAL,
        PowerOfTwo::new);
  }

  @Override
  Candidates candidates(Target[] targets) {
    return new Candidates(targets);
  }

  @Override
  int choose(SimulatedRequest request, Candidates candidates) {
    int first = random.nextInt(candidates.usableCount());
    int second = random.nextInt(candidates.usableCount() - 1);
    if (second >= first) {
      second++;
    }
    int one = candidates.usable(first);
    int other = candidates.usable(second);
    return outstanding(candidates.target(other)) < outstanding(candidates.target(one))
        ? other
        : one;
  }
}
