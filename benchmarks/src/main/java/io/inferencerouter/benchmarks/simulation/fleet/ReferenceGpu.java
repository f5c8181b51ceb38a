package io.inferencerouter.benchmarks.simulation.fleet;

/**
 * The GPU that work is measured in: an H100 with a model of eight billion parameters. Encoders were
 * measured on it, and jobs say how long they take there.
 */
public final class ReferenceGpu {
  /** Its coefficients. */
  public static final GpuModel MODEL = Gpus.byName("H100").orElseThrow();

  private ReferenceGpu() {}

  /** How much longer another takes for the same; reading a prompt is bound by computing too. */
  public static double timesSlower(GpuModel gpu) {
    return gpu.b() / MODEL.b();
  }
}
