package io.inferencerouter.benchmarks.simulation.fleet;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * GPUs by name, for a language model of 8 billion parameters; {@code H100:32b} and {@code H100:70b}
 * stand for that GPU with larger models, on 2 and 4 of them side by side.
 *
 * <p>H100 and A100 are fits to published measurements of an engine's kernels (aiconfigurator,
 * Apache-2.0: vLLM with llama-3.1-8b, qwen2.5-32b and llama-3.3-70b, within 3 to 8 %). All others
 * are extrapolated from data sheets and are good for ±30 %: prefill by throughput of dense 16-bit
 * arithmetic, decode by bandwidth of memory, capacity by what memory leaves beside the model.
 */
public final class Gpus {
  private static final String SIZE_SEPARATOR = ":";
  private static final Map<String, GpuModel> BY_NAME = new LinkedHashMap<>();
  private static final Map<String, GpuModel> BY_LOWER_CASE = new LinkedHashMap<>();

  private static final GpuModel H100 =
      add(new GpuModel("H100", 5.9215, 0.01461, 9.4205e-07, 6.4472, 0.010834, 4.3692e-05, 452_037));
  private static final GpuModel H100_32B =
      add(
          new GpuModel(
              "H100:32b", 12.433, 0.046568, 1.2446e-06, 13.881, 0.029792, 4.3563e-05, 324_605));
  private static final GpuModel H100_70B =
      add(
          new GpuModel(
              "H100:70b", 14.043, 0.066471, 1.4039e-06, 15.478, 0.0452, 2.8808e-05, 488_686));
  private static final GpuModel A100 =
      add(new GpuModel("A100", 9.0137, 0.049837, 2.0833e-06, 11.121, 0.029141, 8.136e-05, 452_037));
  private static final GpuModel A100_32B =
      add(
          new GpuModel(
              "A100:32b", 20.057, 0.12899, 2.2908e-06, 24.22, 0.080215, 8.2999e-05, 324_605));
  private static final GpuModel A100_70B =
      add(
          new GpuModel(
              "A100:70b", 24.014, 0.17199, 2.0567e-06, 27.863, 0.12795, 5.5954e-05, 488_686));

  static {
    // As an H100, but 4.8 in place of 3.35 TB/s, and 141 GB
    add(scaled("H200", H100, 1, 0.7, 870_000));
    add(scaled("H200:32b", H100_32B, 1, 0.7, 1_150_000));
    add(scaled("H200:70b", H100_70B, 1, 0.7, 1_830_000));
    // 362 TFLOPS that it cannot keep up, 864 GB/s, 48 GB
    add(scaled("L40S", A100, 1.1, 2.36, 207_000));
    add(scaled("L40S:32b", A100_32B, 1.1, 2.36, 76_000));
    add(scaled("L40S:70b", A100_70B, 1.1, 2.36, 100_000));
    // Published prefill throughput and decode floors of small models
    add(extrapolated("V100", 6_000, 20, 900, 97_000));
    add(extrapolated("A10G", 3_500, 30, 600, 42_000));
    add(extrapolated("L4", 5_000, 60, 300, 42_000));
    // Holds the model only with weights of 8 bits
    add(extrapolated("T4", 2_500, 56, 320, 48_000));
  }

  private Gpus() {}

  /** The GPU of a name, whatever its case; empty if there is none. */
  public static Optional<GpuModel> byName(String name) {
    return Optional.ofNullable(BY_LOWER_CASE.get(name.toLowerCase(Locale.ROOT)));
  }

  /** All of them, by name, the measured ones first. */
  public static Map<String, GpuModel> all() {
    return Collections.unmodifiableMap(BY_NAME);
  }

  /** A GPU of which everything takes so many times longer. */
  static GpuModel slower(String name, GpuModel gpu, double factor) {
    return new GpuModel(
        name,
        gpu.a() * factor,
        gpu.b() * factor,
        gpu.c() * factor,
        gpu.c0() * factor,
        gpu.d() * factor,
        gpu.e() * factor,
        gpu.kvTokens());
  }

  /** What a GPU is called without the size of its model. */
  static String card(GpuModel gpu) {
    return gpu.name().split(SIZE_SEPARATOR, 2)[0];
  }

  private static GpuModel scaled(
      String name, GpuModel gpu, double prefill, double decode, long kvTokens) {
    return new GpuModel(
        name,
        gpu.a() * Math.min(prefill, decode),
        gpu.b() * prefill,
        gpu.c() * prefill,
        gpu.c0() * decode,
        gpu.d() * decode,
        gpu.e() * decode,
        kvTokens);
  }

  /** From the throughput of prefill, the floor of a decode step, and the bandwidth of memory. */
  private static GpuModel extrapolated(
      String name, double prefillTokensPerSecond, double floorMillis, double gbps, long kvTokens) {
    double b = 1000 / prefillTokensPerSecond;
    double decode = floorMillis / A100.c0();
    return new GpuModel(
        name,
        A100.a() * decode,
        b,
        A100.c() * b / A100.b(),
        floorMillis,
        A100.d() * decode,
        A100.e() * 2039 / gbps,
        kvTokens);
  }

  private static GpuModel add(GpuModel gpu) {
    BY_NAME.put(gpu.name(), gpu);
    BY_LOWER_CASE.put(gpu.name().toLowerCase(Locale.ROOT), gpu);
    return gpu;
  }
}
