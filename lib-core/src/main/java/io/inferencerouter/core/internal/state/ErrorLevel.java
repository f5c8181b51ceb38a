package io.inferencerouter.core.internal.state;

import io.inferencerouter.Candidates;

/**
 * How badly an endpoint fails: a level that each failure raises by one, each success halves, and
 * time wears down.
 *
 * <p>An endpoint that fails fast has few requests in flight, so by its load alone it looks like the
 * best choice there is and draws all traffic: the sinkhole. The level is what makes it look bad
 * instead. It rises at once and falls with evidence: half with each success, and without any
 * requests by {@code 1 / (1 + age / }{@value #HALF_LIFE_SECONDS}{@code s)}, so that an avoided
 * endpoint is tried again.
 *
 * <p>Level and time share one word: 12 bits of level, in steps of 1/{@value #STEPS}, and 52 bits of
 * time, in units of 1024 ns. The word of an endpoint that does not fail is zero. Here are the pure
 * functions on that word; it is kept, and changed by compare-and-set, in {@link OutstandingWork}.
 */
final class ErrorLevel {
  private static final double HALF_LIFE_SECONDS = 10;
  private static final int STEPS = 500;
  private static final int MAX_STEPS = (int) (Candidates.MAX_ERROR_LEVEL * STEPS);
  private static final int FORGOTTEN_STEPS = STEPS / 50;
  private static final int TIME_BITS = 52;
  private static final long TIME = (1L << TIME_BITS) - 1;
  private static final double SECONDS_PER_UNIT = 1024e-9;

  private ErrorLevel() {}

  /** The level now, 0 to {@link Candidates#MAX_ERROR_LEVEL}. */
  static double at(long word, long nowNanos) {
    return (double) faded(word, nowNanos) / STEPS;
  }

  /** The word after a failure. */
  static long afterFailure(long word, long nowNanos) {
    return pack(Math.min(MAX_STEPS, faded(word, nowNanos) + STEPS), nowNanos);
  }

  /** The word after a success. */
  static long afterSuccess(long word, long nowNanos) {
    int level = faded(word, nowNanos) / 2;
    return level < FORGOTTEN_STEPS ? 0 : pack(level, nowNanos);
  }

  private static long pack(int steps, long nowNanos) {
    return ((long) steps << TIME_BITS) | (units(nowNanos) & TIME);
  }

  private static long units(long nowNanos) {
    return nowNanos >>> 10;
  }

  private static int faded(long word, long nowNanos) {
    int steps = (int) (word >>> TIME_BITS);
    // The difference is taken modulo 2^52 and read as signed: a clock reading from before the
    // update has age 0.
    long age = ((units(nowNanos) - word) << (64 - TIME_BITS)) >> (64 - TIME_BITS);
    return age <= 0 ? steps : (int) (steps / (1 + age * (SECONDS_PER_UNIT / HALF_LIFE_SECONDS)));
  }
}
