package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.Arrays;

/**
 * LiteLLM's latency-based-routing (litellm/router_strategy/lowest_latency.py) with its defaults:
 * the endpoint with the lowest mean of its last 10 latencies, each divided by the tokens of the
 * answer; endpoints not yet heard of count as 0, and ties are drawn at random
 * (lowest_latency_buffer 0). Failing deployments cool down.
 *
 * <p>Two things are taken as meant rather than as written there: the list keeps the newest
 * latencies (the code keeps the first nine and exchanges the tenth), and answers without tokens
 * count with their whole latency (the code counts them as 0). The time to the first token, which
 * the code uses for streamed requests, also divides by the tokens of the whole answer and says
 * less; the latency of the whole answer is used here.
 */
final class LiteLlmLowestLatency extends OutstandingBalancer<Candidates> {
  private static final int LATENCIES = 10;
  private static final double BUFFER = 0;

  private double[] latencies = new double[0];
  private double[] means = new double[0];
  private int[] heard = new int[0];

  private LiteLlmLowestLatency(Client client) {
    super(client, new LiteLlmCooldown());
  }

  static Policy policy() {
    return new NamedPolicy(
        "litellm-lowest-latency",
        "Lowest mean of the last 10 latencies per token (LiteLLM: latency-based-routing)",
        Policy.Standing.RIVAL,
        LiteLlmLowestLatency::new);
  }

  @Override
  Candidates candidates(Target[] targets) {
    latencies = Arrays.copyOf(latencies, indices() * LATENCIES);
    means = Arrays.copyOf(means, indices());
    heard = Arrays.copyOf(heard, indices());
    return new Candidates(targets);
  }

  @Override
  int choose(SimulatedRequest request, Candidates candidates) {
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < candidates.usableCount(); i++) {
      lowest = Math.min(lowest, means[candidates.target(candidates.usable(i)).index()]);
    }
    double bound = lowest * (1 + BUFFER);
    int chosen = candidates.usable(0);
    int ties = 0;
    for (int i = 0; i < candidates.usableCount(); i++) {
      int position = candidates.usable(i);
      if (means[candidates.target(position).index()] <= bound && random.nextInt(++ties) == 0) {
        chosen = position;
      }
    }
    return chosen;
  }

  @Override
  void finished(Flight flight, int outputTokens, LoadReport report) {
    int index = flight.target.index();
    int first = index * LATENCIES;
    latencies[first + heard[index] % LATENCIES] =
        (double) flight.nanos() / Math.max(1, outputTokens);
    heard[index] = heard[index] + 1 == 2 * LATENCIES ? LATENCIES : heard[index] + 1;
    int known = Math.min(heard[index], LATENCIES);
    double sum = 0;
    for (int i = 0; i < known; i++) {
      sum += latencies[first + i];
    }
    means[index] = sum / known;
  }
}
