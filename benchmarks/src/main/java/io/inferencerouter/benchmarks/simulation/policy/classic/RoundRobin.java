package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.random.RandomGenerator;

/**
 * Each in turn; after nginx's default balancing (ngx_http_upstream_round_robin.c), including what
 * it does about failures. The turn begins at a random endpoint, as gRPC's round_robin does, so that
 * many clients do not march in step.
 */
final class RoundRobin extends OutstandingBalancer<RoundRobin.Turn> {
  private RoundRobin(Client client) {
    super(client, FailureAccrual.nginx(client.random()));
  }

  static Policy policy() {
    return new NamedPolicy(
        "round-robin",
        "Each endpoint in turn (nginx: round robin, max_fails=1 fail_timeout=10s)",
        Policy.Standing.RIVAL,
        RoundRobin::new);
  }

  @Override
  Turn candidates(Target[] targets) {
    return new Turn(targets, random);
  }

  @Override
  int choose(SimulatedRequest request, Turn turn) {
    return turn.next();
  }

  static final class Turn extends Candidates {
    private int next;

    Turn(Target[] targets, RandomGenerator random) {
      super(targets);
      next = targets.length < 2 ? 0 : random.nextInt(targets.length);
    }

    int next() {
      int position = next;
      for (int skipped = 0; skipped < size() && !isUsable(position); skipped++) {
        position = position + 1 == size() ? 0 : position + 1;
      }
      next = position + 1 == size() ? 0 : position + 1;
      return position;
    }
  }
}
