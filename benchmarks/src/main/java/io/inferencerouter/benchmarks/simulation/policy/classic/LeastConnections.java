package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * The endpoint with the fewest requests in flight from this client, ties at random; and the same
 * with true weights, by {@code (in flight + 1) / weight}.
 *
 * <p>After least_conn of nginx, including what it does about failures. The arriving request counts
 * among those in flight as in the shortest expected delay scheduler of the Linux Virtual Server
 * (net/netfilter/ipvs/ip_vs_sed.c) and leastconn of HAProxy: without it, all idle endpoints would
 * tie, whatever their weights. nginx breaks ties by its rotation; at random is the same to each
 * request, and keeps clients from marching in step.
 */
final class LeastConnections extends OutstandingBalancer<Candidates> {
  private final boolean weighted;

  private LeastConnections(Client client, boolean weighted) {
    super(client, FailureAccrual.nginx(client.random()));
    this.weighted = weighted;
  }

  static Policy policy() {
    return new NamedPolicy(
        "least-connections",
        "Fewest own requests in flight, ties at random"
            + " (nginx: least_conn, max_fails=1 fail_timeout=10s)",
        Policy.Standing.RIVAL,
        client -> new LeastConnections(client, false));
  }

  static Policy weightedPolicy() {
    return new NamedPolicy(
        "weighted-least-connections",
        "Least (own requests in flight + 1) / true weight, ties at random"
            + " (Linux Virtual Server: sed; HAProxy: leastconn)",
        Policy.Standing.INFORMED_RIVAL,
        client -> new LeastConnections(client, true));
  }

  @Override
  Candidates candidates(Target[] targets) {
    return new Candidates(targets);
  }

  @Override
  int choose(SimulatedRequest request, Candidates candidates) {
    int best = candidates.usable(0);
    double least = Double.POSITIVE_INFINITY;
    int ties = 0;
    for (int i = 0; i < candidates.usableCount(); i++) {
      int position = candidates.usable(i);
      double load = load(candidates.target(position));
      if (load < least) {
        least = load;
        best = position;
        ties = 1;
      } else if (load == least && random.nextInt(++ties) == 0) {
        best = position;
      }
    }
    return best;
  }

  private double load(Target target) {
    int load = outstanding(target) + 1;
    return weighted ? load / target.trueWeight() : load;
  }
}
