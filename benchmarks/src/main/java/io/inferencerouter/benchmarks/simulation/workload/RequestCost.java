package io.inferencerouter.benchmarks.simulation.workload;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.fleet.ReferenceGpu;

/**
 * What a request costs a GPU: the time that it takes away from others. For text that is its prefill
 * and its share of decode steps in a batch of {@value #BATCH}; for encoders, one forward pass; for
 * jobs, their work. It is that of the {@link ReferenceGpu}, with an encoder of 335 million
 * parameters.
 */
final class RequestCost {
  static final int BATCH = 16;

  private static final GpuModel GPU = ReferenceGpu.MODEL;
  private static final double ENCODE = 0.99523;
  private static final double ENCODE_PER_TOKEN = 0.0012651;
  private static final double ENCODE_PER_TOKEN_SQUARED = 1.9253e-7;

  private RequestCost() {}

  static double millis(Workload.Kind kind, SimulatedRequest request) {
    return switch (kind) {
      case GENERATION -> generationMillis(request.inputTokens(), request.outputTokens());
      case ENCODING -> encodingMillis(request.inputTokens());
      case JOBS -> request.workNanos() / 1e6;
    };
  }

  static double generationMillis(double input, double output) {
    double prefill = GPU.a() + GPU.b() * input + GPU.c() * input * input;
    double step = GPU.c0() / BATCH + GPU.d() + GPU.e() * (input + output / 2);
    return prefill + output * step;
  }

  private static double encodingMillis(double input) {
    return ENCODE + ENCODE_PER_TOKEN * input + ENCODE_PER_TOKEN_SQUARED * input * input;
  }
}
