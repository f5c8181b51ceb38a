package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * Envoy's least request balancer where weights differ (envoy.load_balancing_policies
 * .least_request, active_request_bias 1): weighted round robin by earliest deadline, with {@code
 * weight / (active requests + 1)^bias} taken anew whenever an endpoint is put back. The weights are
 * the true ones. As Envoy's seed does, a random number of choices is made in advance.
 */
final class EnvoyWeightedLeastRequest
    extends OutstandingBalancer<EnvoyWeightedLeastRequest.Deadlines> {
  private EnvoyWeightedLeastRequest(Client client) {
    super(client, Avoidance.NONE);
  }

  static Policy policy() {
    return new NamedPolicy(
        "envoy-weighted-least-request",
        "Earliest deadline by true weight / (own requests in flight + 1)"
            + " (Envoy: least_request with weights, active_request_bias 1)",
        Policy.Standing.INFORMED_RIVAL,
        EnvoyWeightedLeastRequest::new);
  }

  @Override
  Deadlines candidates(Target[] targets) {
    Deadlines deadlines = new Deadlines(targets);
    for (int position = 0; position < targets.length; position++) {
      deadlines.put(position, period(targets[position]));
    }
    int ahead = targets.length < 2 ? 0 : random.nextInt(targets.length);
    for (int i = 0; i < ahead; i++) {
      choose(deadlines);
    }
    return deadlines;
  }

  @Override
  int choose(SimulatedRequest request, Deadlines deadlines) {
    return choose(deadlines);
  }

  private int choose(Deadlines deadlines) {
    int position = deadlines.take();
    deadlines.put(position, period(deadlines.target(position)));
    return position;
  }

  private double period(Target target) {
    return (outstanding(target) + 1) / target.trueWeight();
  }

  static final class Deadlines extends Candidates {
    private final double[] deadlines;
    private final long[] orders;
    private double now;
    private long order;

    Deadlines(Target[] targets) {
      super(targets);
      deadlines = new double[targets.length];
      orders = new long[targets.length];
    }

    void put(int position, double period) {
      deadlines[position] = now + period;
      orders[position] = order++;
    }

    /** The usable one with the earliest deadline, and of several the one that waits longest. */
    int take() {
      int best = usable(0);
      for (int i = 1; i < usableCount(); i++) {
        int position = usable(i);
        if (deadlines[position] < deadlines[best]
            || (deadlines[position] == deadlines[best] && orders[position] < orders[best])) {
          best = position;
        }
      }
      now = Math.max(now, deadlines[best]);
      return best;
    }
  }
}
