package io.inferencerouter.core.internal.state;

/**
 * What the requests on one endpoint have reserved of its generating, as pure functions over a word:
 * context of those in flight (27 bits) | reserved output, in milliseconds (37 bits).
 *
 * <h2>Context</h2>
 *
 * <p>Whoever generates a token reads all tokens before it, his own and, since it is one step for
 * all of them, those of everybody beside him. With some thousand tokens each, that is nearly all of
 * what a neighbour costs: one with a long context costs as much as many with short ones (Kwon et
 * al., SOSP 2023; Agrawal et al., OSDI 2024). So neighbours are weighed by their context, which is
 * their input, half of the output that is expected of them, since it grows, and {@value
 * #EVERY_CONTEXT} units for what they cost however short they are.
 *
 * <h2>Size</h2>
 *
 * <p>Of {@value OutstandingWork#MAX_IN_FLIGHT} requests, each with at most {@value
 * OutstandingWork#MAX_RESERVATION_MICROS} microseconds and a context of {@value #MAX_CONTEXT}, the
 * sums stay below 2^37 milliseconds and 2^27.
 */
public final class Generation {
  /** The largest context, in steps of {@value #CONTEXT_STEP} units; longer ones count as that. */
  public static final int MAX_CONTEXT = (1 << 12) - 1;

  private static final int STEP_MICROS = 1_000;
  private static final int CONTEXT_STEP = 64;
  private static final int EVERY_CONTEXT = 256;
  private static final int CONTEXT_SHIFT = 37;
  private static final long OUTPUT = (1L << CONTEXT_SHIFT) - 1;

  private Generation() {}

  /**
   * What one request adds.
   *
   * @param outputMicros in {@linkplain #inSteps whole steps}
   * @param context 0 to {@link #MAX_CONTEXT}
   */
  static long of(int outputMicros, int context) {
    return (long) context << CONTEXT_SHIFT | outputMicros / STEP_MICROS;
  }

  /** Output, in microseconds, without what is less than a step: it is reserved in whole ones. */
  public static int inSteps(int outputMicros) {
    return outputMicros / STEP_MICROS * STEP_MICROS;
  }

  /** The reserved output, in microseconds. */
  public static long outputMicros(long word) {
    return (word & OUTPUT) * STEP_MICROS;
  }

  /** The context of the requests in flight, in the unit of {@link #contextOf}. */
  public static int context(long word) {
    return (int) (word >>> CONTEXT_SHIFT);
  }

  /**
   * What a request weighs on those beside it, 1 to {@link #MAX_CONTEXT}.
   *
   * @param inputUnits its input, 0 or more
   * @param outputUnits the output that is expected of it, 0 or more
   */
  public static int contextOf(float inputUnits, float outputUnits) {
    float units = inputUnits + 0.5f * outputUnits + EVERY_CONTEXT;
    return Math.min(MAX_CONTEXT, (int) (units * (1f / CONTEXT_STEP)));
  }
}
