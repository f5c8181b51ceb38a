package io.inferencerouter.examples.languagemodel;

import io.inferencerouter.HardwareProfile;

/**
 * How fast an engine is to be, so that it stands for a given GPU: it waits after each step until
 * the stated time is over.
 *
 * <p>Reading prompts and generating have different speeds, since GPUs differ in both: prompts need
 * arithmetic, generating needs memory bandwidth.
 *
 * @param inputNanos nanoseconds for each token of a prompt, above zero
 * @param outputNanos nanoseconds for one step of a sequence that is alone, above zero
 * @param concurrencyPenalty the share by which each neighbour makes a step longer, from zero up
 */
public record Pace(double inputNanos, double outputNanos, double concurrencyPenalty) {
  /** Checks the ranges. */
  public Pace {
    if (!(inputNanos > 0 && outputNanos > 0 && concurrencyPenalty >= 0)) {
      throw new IllegalArgumentException(
          "pace: "
              + inputNanos
              + ", "
              + outputNanos
              + ", "
              + concurrencyPenalty
              + " (expected: above 0, above 0, from 0)");
    }
  }

  /** A pace with the router's default penalty. */
  public static Pace of(double inputNanos, double outputNanos) {
    return new Pace(inputNanos, outputNanos, HardwareProfile.DEFAULT_CONCURRENCY_PENALTY);
  }

  /** How long a prompt of so many tokens takes. */
  public long promptNanos(int tokens) {
    return Math.round(inputNanos * tokens);
  }

  /** How long a step of so many sequences takes, each of which gets one token. */
  public long stepNanos(int sequences) {
    return Math.round(outputNanos * (1 + concurrencyPenalty * (sequences - 1)));
  }

  /** The same as a declaration to a router: one prompt at a time. */
  public HardwareProfile profile() {
    return HardwareProfile.builder(1e9 / inputNanos, 1e9 / outputNanos)
        .concurrencyPenalty(concurrencyPenalty)
        .build();
  }
}
