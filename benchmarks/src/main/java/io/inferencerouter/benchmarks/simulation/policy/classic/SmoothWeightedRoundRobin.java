package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.random.RandomGenerator;

/**
 * Smooth weighted round robin, after nginx 1.3.1 and later (ngx_http_upstream_round_robin.c): at
 * each choice everyone's credit grows by its weight, the greatest credit is chosen and pays the sum
 * of all weights. The weights are the true ones.
 *
 * <p>It begins at a random place of its sequence, so that many clients do not march in step.
 */
final class SmoothWeightedRoundRobin extends OutstandingBalancer<SmoothWeightedRoundRobin.Credits> {
  private SmoothWeightedRoundRobin(Client client) {
    super(client, FailureAccrual.nginx(client.random()));
  }

  static Policy policy() {
    return new NamedPolicy(
        "weighted-round-robin",
        "Smooth weighted round robin with true weights"
            + " (nginx: weight=, max_fails=1 fail_timeout=10s)",
        Policy.Standing.INFORMED_RIVAL,
        SmoothWeightedRoundRobin::new);
  }

  @Override
  Credits candidates(Target[] targets) {
    return new Credits(targets, random);
  }

  @Override
  int choose(SimulatedRequest request, Credits credits) {
    return credits.next();
  }

  static final class Credits extends Candidates {
    /** How far into its sequence it begins at most. */
    private static final int LONGEST_START = 64;

    private final double[] credits;

    Credits(Target[] targets, RandomGenerator random) {
      super(targets);
      credits = new double[targets.length];
      int start = targets.length < 2 ? 0 : random.nextInt(Math.min(targets.length, LONGEST_START));
      for (int i = 0; i < start; i++) {
        next();
      }
    }

    int next() {
      double total = 0;
      int best = usable(0);
      for (int i = 0; i < usableCount(); i++) {
        int position = usable(i);
        double weight = target(position).trueWeight();
        total += weight;
        credits[position] += weight;
        if (credits[position] > credits[best]) {
          best = position;
        }
      }
      credits[best] -= total;
      return best;
    }
  }
}
