package io.inferencerouter.core.internal.state;

import io.inferencerouter.Candidates;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

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
 * time, in units of 1024 ns. Reading is opaque, as a score needs no order; updating is a lock-free
 * loop. The word of an endpoint that does not fail is zero, and neither reading nor a success looks
 * at the clock then.
 */
public final class ErrorLevel {
  private static final double HALF_LIFE_SECONDS = 10;
  private static final int STEPS = 500;
  private static final int MAX_STEPS = (int) (Candidates.MAX_ERROR_LEVEL * STEPS);
  private static final int TIME_BITS = 52;
  private static final long TIME = (1L << TIME_BITS) - 1;
  private static final double SECONDS_PER_UNIT = 1024e-9;

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(ErrorLevel.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unused") // accessed through WORD
  private volatile long word;

  /** The level now, 0 to {@link Candidates#MAX_ERROR_LEVEL}. */
  public double at(long nowNanos) {
    long seen = (long) WORD.getOpaque(this);
    return seen == 0 ? 0 : (double) faded(seen, nowNanos) / STEPS;
  }

  /** Counts a failure. */
  public void failed(long nowNanos) {
    long seen;
    long next;
    do {
      seen = word;
      next = pack(Math.min(MAX_STEPS, faded(seen, nowNanos) + STEPS), nowNanos);
    } while (!WORD.compareAndSet(this, seen, next));
  }

  /** Whether {@link #succeeded} would have anything to do. */
  public boolean isRaised() {
    return (long) WORD.getOpaque(this) != 0;
  }

  /** Counts a success. */
  public void succeeded(long nowNanos) {
    long seen;
    long next;
    do {
      seen = word;
      if (seen == 0) {
        return;
      }
      int level = faded(seen, nowNanos) / 2;
      next = level < STEPS / 50 ? 0 : pack(level, nowNanos);
    } while (!WORD.compareAndSet(this, seen, next));
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
