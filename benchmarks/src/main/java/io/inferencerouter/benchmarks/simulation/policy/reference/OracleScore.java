package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.Server;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * What there is to know of a request at an endpoint, in milliseconds: what its server says, with
 * what is on the way there added. Those before it on the way are read before it, and slow each of
 * its steps; it delays each of them by its own prefill, and slows theirs.
 */
record OracleScore(
    Target target, Outstanding outstanding, SimulatedRequest request, long nowNanos) {
  private static final double NANOS_PER_MILLI = 1e6;

  double firstOutputMillis() {
    return networkMillis()
        + target.server().trueFirstOutputMillis(request)
        + outstanding.arrivingPrefillMillis(nowNanos);
  }

  double finishMillis() {
    return networkMillis()
        + target.server().trueFinishMillis(request)
        + outstanding.arrivingPrefillMillis(nowNanos)
        + sharedStepsMillis();
  }

  double harmMillis() {
    Server server = target.server();
    return server.trueHarmMillis(request)
        + outstanding.arriving(nowNanos) * Price.readingMillis(target, request)
        + sharedStepsMillis();
  }

  double workMillis() {
    return outstanding.workMillis() + Price.aloneMillis(target, request);
  }

  private double networkMillis() {
    return 2 * target.spec().networkNanos() / NANOS_PER_MILLI;
  }

  private double sharedStepsMillis() {
    return target.spec().gpu().d()
        * outstanding.arrivingSharedOutput(nowNanos, request.outputTokens());
  }
}
