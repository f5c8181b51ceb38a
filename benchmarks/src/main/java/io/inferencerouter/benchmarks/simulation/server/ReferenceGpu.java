package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;

/** The GPU that encoders were measured on and that jobs are measured in, an H100. */
final class ReferenceGpu {
  /** Milliseconds in which it reads a token of a prompt for a model of 8 billion parameters. */
  static final double READ_TOKEN_MILLIS = 0.01461;

  private ReferenceGpu() {}

  /** How much longer another takes for the same; reading a prompt is bound by computing too. */
  static double timesSlower(GpuModel gpu) {
    return gpu.b() / READ_TOKEN_MILLIS;
  }
}
