package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * LiteLLM's least-busy (litellm/router_strategy/least_busy.py): the endpoint with the fewest
 * requests in flight, and of several the first in the list. Failing deployments cool down.
 */
final class LiteLlmLeastBusy extends OutstandingBalancer<Candidates> {
  private LiteLlmLeastBusy(Client client) {
    super(client, new LiteLlmCooldown());
  }

  static Policy policy() {
    return new NamedPolicy(
        "litellm-least-busy",
        "Fewest own requests in flight, ties to the first (LiteLLM: least-busy)",
        Policy.Standing.RIVAL,
        LiteLlmLeastBusy::new);
  }

  @Override
  Candidates candidates(Target[] targets) {
    return new Candidates(targets);
  }

  @Override
  int choose(SimulatedRequest request, Candidates candidates) {
    int best = candidates.usable(0);
    for (int i = 1; i < candidates.usableCount(); i++) {
      int position = candidates.usable(i);
      if (outstanding(candidates.target(position)) < outstanding(candidates.target(best))) {
        best = position;
      }
    }
    return best;
  }
}
