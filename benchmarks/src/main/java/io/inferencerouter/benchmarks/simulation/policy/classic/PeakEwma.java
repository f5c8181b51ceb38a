package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.Arrays;

/**
 * Peak EWMA with two choices, after Finagle (PeakEwma.scala and P2CPick.scala in
 * com.twitter.finagle.loadbalancer): the cost is the average round trip, which follows a longer one
 * at once and otherwise decays with a time constant of 10 seconds, times the requests in flight
 * plus one. An endpoint with requests in flight but no answer yet costs a penalty.
 *
 * <p>The round trip is that of the whole exchange, and failures and given up requests count as the
 * time they took, as they do in Finagle, where failure accrual deals with those that fail fast.
 */
final class PeakEwma extends OutstandingBalancer<Candidates> {
  /** The default of {@code Balancers.p2cPeakEwma}. */
  private static final double DECAY_NANOS = 10e9;

  private static final double PENALTY = Long.MAX_VALUE >> 16;

  private double[] costs = new double[0];
  private long[] stamps = new long[0];

  private PeakEwma(Client client) {
    super(client, FailureAccrual.finagle(client.random()));
  }

  static Policy policy() {
    return new NamedPolicy(
        "peak-ewma",
        "Lower peak EWMA of latency, 10 s, times own requests in flight of two endpoints drawn at"
            + " random (Finagle: p2cPeakEwma with failure accrual)",
        Policy.Standing.RIVAL,
        PeakEwma::new);
  }

  @Override
  Candidates candidates(Target[] targets) {
    int before = stamps.length;
    if (indices() > before) {
      costs = Arrays.copyOf(costs, indices());
      stamps = Arrays.copyOf(stamps, indices());
      Arrays.fill(stamps, before, indices(), loop.nanos());
    }
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
    return load(candidates.target(one)) < load(candidates.target(other)) ? one : other;
  }

  @Override
  void finished(Flight flight, int outputTokens, LoadReport report) {
    observe(flight.target.index(), flight.nanos());
  }

  @Override
  void failed(Flight flight, Failure failure) {
    observe(flight.target.index(), flight.nanos());
  }

  @Override
  void cancelled(Flight flight) {
    observe(flight.target.index(), flight.nanos());
  }

  @Override
  void forget(Target target) {
    if (target.index() < costs.length) {
      costs[target.index()] = 0;
    }
  }

  private double load(Target target) {
    int index = target.index();
    observe(index, 0);
    int pending = outstanding(target);
    return costs[index] == 0 && pending != 0 ? PENALTY + pending : costs[index] * (pending + 1);
  }

  private void observe(int index, long nanos) {
    double roundTrip = (double) nanos;
    long now = loop.nanos();
    if (roundTrip > costs[index]) {
      costs[index] = roundTrip;
    } else if (costs[index] != 0) {
      double weight = StrictMath.exp((stamps[index] - now) / DECAY_NANOS);
      costs[index] = costs[index] * weight + roundTrip * (1 - weight);
    }
    stamps[index] = now;
  }
}
