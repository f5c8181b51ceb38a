package io.inferencerouter;

import java.time.Duration;

/**
 * Common accelerators, as {@link HardwareProfile}s to start from: one card, or one share of a
 * tensor-parallel group, under an engine with continuous batching.
 *
 * <p>All figures are for the reference model: a dense transformer of 8.03 billion parameters with
 * grouped-query attention (the shape of Llama 3.1 8B) and weights of 16 bits, prompts around 1000
 * tokens. Units are tokens. Other models: {@link #forModelOf}. The router learns the true speed
 * from its requests; a preset decides how well it does before it has, and the ratios between the
 * cards of a mixed fleet matter most.
 *
 * <h2>Where the figures are from</h2>
 *
 * <ul>
 *   <li>{@link #H100} and {@link #A100} rest on public measurements: kernel times of Vidur (Agrawal
 *       et al., MLSys 2024; for Llama 2 7B 18.7 and 59.5 µs per prompt token) and of NVIDIA's
 *       AIConfigurator (for Llama 3.1 8B; summed kernels, taken as 20 % fast for what the engine
 *       adds), and request times of vLLM 0.11 on H100 as published with inference-sim.
 *   <li>{@link #H200} and {@link #L40S} are those, scaled by what NVIDIA's data sheets state of
 *       arithmetic and memory bandwidth.
 *   <li>{@link #A10G}, {@link #L4}, {@link #V100} and {@link #T4} are from the data sheets alone:
 *       prompts at 60 to 70 % of the dense 16-bit rate where boards can sustain it and less where
 *       power is short, weights read at about 75 % of the bandwidth. Take them as ±30 %.
 * </ul>
 *
 * <p>Input and output rates are two numbers because they scale differently: reading a prompt takes
 * arithmetic, producing a token takes memory bandwidth. Every neighbour that is decoding makes a
 * token slower by about a hundredth, mostly the reading of its cache. A request of any length costs
 * at least one pass over the weights, taken as 80 % of the time of one token: the overhead.
 */
public enum Gpu {
  /**
   * H200 SXM, 141 GB: the arithmetic of an {@link #H100} and 4.8 instead of 3.35 TB/s. Of the 6.9
   * ms that a token takes there, 4.8 are reading weights, which shrink to 3.4; the rest stays.
   */
  H200(46_000, 180, 890_000),

  /**
   * H100 SXM, 80 GB: 989 TFLOPS dense, 3.35 TB/s. 41 to 51 thousand prompt tokens per second by the
   * three sources; a token in 6.5 (summed kernels) to 7.2 ms (measured with 7B, scaled).
   */
  H100(46_000, 145, 450_000),

  /**
   * A100 SXM, 80 GB: 312 TFLOPS dense, 2.04 TB/s. 14.1 to 15.4 thousand prompt tokens per second by
   * two sources; a token in 11.2 ms of summed kernels.
   */
  A100(14_300, 85, 450_000),

  /**
   * L40S, 48 GB: 362 TFLOPS dense, 0.86 TB/s. Prompts as on an {@link #A100} by the ratio of
   * arithmetic, less a fifth for a board of 350 W; a token at 80 % of the bandwidth.
   */
  L40S(13_000, 43, 190_000),

  /** A10G, 24 GB: 70 TFLOPS dense, 0.6 TB/s. */
  A10G(2_900, 28, 40_000),

  /** L4, 24 GB: 121 TFLOPS dense at 72 W, 0.3 TB/s. */
  L4(4_200, 14, 40_000),

  /** V100 SXM2, 32 GB: 125 TFLOPS, 0.9 TB/s; 16-bit floats of the older kind only. */
  V100(5_000, 42, 95_000),

  /**
   * T4, 16 GB: 65 TFLOPS at 70 W, 0.32 TB/s. The reference model does not fit: the rates are what
   * 16 bits would give, the memory budget is for weights of 8 bits.
   */
  T4(2_100, 15, 38_000);

  /** The parameters of the reference model, in billions: {@value}. */
  public static final double REFERENCE_MODEL = 8.03;

  private static final double CONCURRENCY_PENALTY = 0.01;

  /** The part of a token's time that does not depend on the size of the model. */
  private static final double FIXED_SECONDS = 0.002;

  private static final double OVERHEAD_IN_TOKENS = 0.8;

  private final double inputRate;
  private final double outputRate;
  private final long memoryBudget;

  Gpu(double inputRate, double outputRate, long memoryBudget) {
    this.inputRate = inputRate;
    this.outputRate = outputRate;
    this.memoryBudget = memoryBudget;
  }

  /** The speed with the reference model. */
  public HardwareProfile profile() {
    return forModelOf(REFERENCE_MODEL);
  }

  /**
   * The speed with another dense 16-bit model. The time of a prompt token is in proportion to the
   * parameters, which are multiplied once each; so is the time of an output token, as they are read
   * once, except for 2 ms that kernel launches and sampling take whatever the size.
   *
   * <p>For a mixture of experts, the parameters that are active per token. For a tensor-parallel
   * group of {@code n} cards that is one endpoint, the parameters divided by {@code n}: what the
   * cards have to tell each other is not counted and makes four of them about a sixth slower in
   * output, and a third in prompts, than stated here.
   *
   * @param billionParameters 0.01 to 10 000
   */
  public HardwareProfile forModelOf(double billionParameters) {
    double size =
        Require.range("billionParameters", billionParameters, 0.01, 10_000) / REFERENCE_MODEL;
    double tokenSeconds = FIXED_SECONDS + (1 / outputRate - FIXED_SECONDS) * size;
    double overheadNanos = Math.min(60e9, OVERHEAD_IN_TOKENS * tokenSeconds * 1e9);
    return HardwareProfile.builder(inputRate / size, 1 / tokenSeconds)
        .concurrencyPenalty(CONCURRENCY_PENALTY)
        .overhead(Duration.ofNanos((long) overheadNanos))
        .build();
  }

  /**
   * How many tokens the key-value cache has room for beside the reference model, for {@link
   * Endpoint.Builder#memoryBudget}: nine tenths of the memory, less 16 GB of weights and 2 GB of
   * activations, at 128 KiB per token. For another model take what its engine states when it
   * starts.
   */
  public long memoryBudget() {
    return memoryBudget;
  }
}
