package io.inferencerouter.benchmarks.simulation.workload;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;

/**
 * What a request costs a GPU: the time that it takes away from others. For text that is its prefill
 * and its share of decode steps in a batch of {@value #BATCH}; for encoders, one forward pass; for
 * jobs, their work. An H100 with a model of eight billion parameters, or an encoder of 335 million.
 */
final class ReferenceGpu {
  static final int BATCH = 16;

  private static final GpuModel H100 =
      new GpuModel("H100", 5.9215, 0.01461, 9.4205e-7, 6.4472, 0.010834, 4.3692e-5, 452_037);
  private static final double ENCODE = 0.99523;
  private static final double ENCODE_PER_TOKEN = 0.0012651;
  private static final double ENCODE_PER_TOKEN_SQUARED = 1.9253e-7;

  private ReferenceGpu() {}

  static double millis(Workload.Kind kind, SimulatedRequest request) {
    return switch (kind) {
      case GENERATION -> generationMillis(request.inputTokens(), request.outputTokens());
      case ENCODING -> encodingMillis(request.inputTokens());
      case JOBS -> request.workNanos() / 1e6;
    };
  }

  static double generationMillis(double input, double output) {
    double prefill = H100.a() + H100.b() * input + H100.c() * input * input;
    double step = H100.c0() / BATCH + H100.d() + H100.e() * (input + output / 2);
    return prefill + output * step;
  }

  private static double encodingMillis(double input) {
    return ENCODE + ENCODE_PER_TOKEN * input + ENCODE_PER_TOKEN_SQUARED * input * input;
  }
}
