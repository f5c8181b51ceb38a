package io.inferencerouter.core.internal.state;

import io.inferencerouter.Candidates;

/**
 * The peak EWMA of a latency (Finagle): an exponentially weighted moving average that takes a
 * longer latency over at once, and shorter ones little by little. An endpoint that gets slow is
 * avoided from its first slow answer on, and has to prove that it is fast again.
 *
 * <p>The weight of the past is by time, not by number: after {@code t} seconds the old value counts
 * {@code 1 / (1 + t / }{@link Candidates#LATENCY_TIME_CONSTANT_SECONDS}{@code )}, which for the
 * short intervals of a busy endpoint is the exponential, and for long ones forgets more slowly.
 *
 * <p>Value and time share one word: 31 bits of latency, in microseconds, and 33 bits of time, in
 * units of 2^20 ns. A known latency is at least a microsecond, so the word of an endpoint without
 * one is zero. Here are the pure functions on that word; it is kept in {@link OutstandingWork}.
 */
final class PeakEwma {
  /** The word before the first latency. */
  static final long UNKNOWN = 0;

  private static final int TIME_BITS = 33;
  private static final int TIME_SHIFT = 20;
  private static final long TIME = (1L << TIME_BITS) - 1;
  private static final double TIME_CONSTANTS_PER_UNIT =
      (1L << TIME_SHIFT) * 1e-9 / Candidates.LATENCY_TIME_CONSTANT_SECONDS;
  private static final double MICRO = 1e-6;
  private static final long NANOS_PER_MICRO = 1_000;

  private PeakEwma() {}

  /** The word after an answer. */
  static long after(long word, long latencyNanos, long nowNanos) {
    long latency = Math.min(Integer.MAX_VALUE, Math.max(1, latencyNanos / NANOS_PER_MICRO));
    long average = word >>> TIME_BITS;
    if (latency < average) {
      double past = weightOfPast(word, nowNanos);
      latency = Math.max(1, (long) (average * past + latency * (1 - past) + 0.5));
    }
    return (latency << TIME_BITS) | (units(nowNanos) & TIME);
  }

  /** The value as of the last answer, in seconds; 0 before the first. */
  static double seconds(long word) {
    return (word >>> TIME_BITS) * MICRO;
  }

  /** The value after the time without an answer since then, in seconds; 0 before the first. */
  static double fadedSeconds(long word, long nowNanos) {
    return seconds(word) * weightOfPast(word, nowNanos);
  }

  private static double weightOfPast(long word, long nowNanos) {
    // The difference is taken modulo 2^33 and read as signed: a clock reading from before the
    // update has age 0.
    long age = ((units(nowNanos) - word) << (64 - TIME_BITS)) >> (64 - TIME_BITS);
    return age <= 0 ? 1 : 1 / (1 + age * TIME_CONSTANTS_PER_UNIT);
  }

  private static long units(long nowNanos) {
    return nowNanos >>> TIME_SHIFT;
  }
}
