package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * What a request takes on an endpoint alone, by the coefficients; without cache hits if not said.
 */
final class Price {
  private static final double NANOS_PER_MILLI = 1e6;

  private Price() {}

  /** Until its first output; all of it for a job of known work, on the endpoint's true weight. */
  static double prefillMillis(Target target, SimulatedRequest request) {
    if (request.workNanos() > 0) {
      return request.workNanos() / NANOS_PER_MILLI / target.trueWeight();
    }
    GpuModel gpu = target.spec().gpu();
    return gpu.a() + readMillis(gpu, request.inputTokens(), 0);
  }

  /** Until its first output, with what is cached there now. */
  static double readingMillis(Target target, SimulatedRequest request) {
    if (request.workNanos() > 0) {
      return prefillMillis(target, request);
    }
    GpuModel gpu = target.spec().gpu();
    int cached = Math.max(0, target.cachedTokens(request));
    return gpu.a() + readMillis(gpu, Math.max(0, request.inputTokens() - cached), cached);
  }

  /** Until its last output. */
  static double aloneMillis(Target target, SimulatedRequest request) {
    return prefillMillis(target, request)
        + decodeMillis(target.spec().gpu(), request.inputTokens(), request.outputTokens(), 1);
  }

  /** Reading new tokens behind cached ones, without the fixed part of a prefill. */
  static double readMillis(GpuModel gpu, double newTokens, double cached) {
    return gpu.b() * newTokens + gpu.c() * (newTokens * newTokens + 2 * newTokens * cached);
  }

  /**
   * All steps after the first output, with the fixed part of a step shared by so many sequences.
   */
  static double decodeMillis(GpuModel gpu, double input, int output, int sequences) {
    double steps = Math.max(0, output - 1);
    return steps * (gpu.c0() / sequences + gpu.d() + gpu.e() * (input + 1))
        + gpu.e() * steps * (steps - 1) / 2;
  }
}
