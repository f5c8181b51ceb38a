package io.inferencerouter.core.internal.concurrent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.function.DoubleConsumer;

/**
 * Something that is to be done from time to time, as long as something happens at all: whoever
 * comes by after the interval does it. It needs no timer, and an idle router stays idle.
 *
 * <p>In the beginning everything is news. The first {@value #EAGER} times it is done at once, then
 * after {@value #FIRST_MILLIS} ms, and from then on after twice as long each time; unless it is
 * {@linkplain #even even}.
 *
 * <p>Coming by early costs a read. Of those who come by late at the same moment, one wins a
 * compare-and-set and acts.
 */
public final class Interval {
  private static final VarHandle DUE;

  static {
    try {
      DUE = MethodHandles.lookup().findVarHandle(Interval.class, "dueNanos", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int EAGER = 16;
  private static final long FIRST_MILLIS = 1;

  private final long longestNanos;
  private final DoubleConsumer action;
  private long intervalNanos;
  private int eager; // plain: a few times more or less do not matter
  private volatile long dueNanos;

  /**
   * An interval that begins now.
   *
   * @param interval the longest that passes, with something happening, until it is done again
   * @param action takes the seconds since it was last called
   */
  public Interval(Duration interval, long nowNanos, DoubleConsumer action) {
    this(interval, Duration.ofMillis(FIRST_MILLIS), EAGER, nowNanos, action);
  }

  private Interval(
      Duration longest, Duration first, int eager, long nowNanos, DoubleConsumer action) {
    this.longestNanos = longest.toNanos();
    this.intervalNanos = first.toNanos();
    this.eager = eager;
    this.action = action;
    this.dueNanos = nowNanos + intervalNanos;
  }

  /** An interval that begins now and has the same length from the first time on. */
  public static Interval even(Duration interval, long nowNanos, DoubleConsumer action) {
    return new Interval(interval, interval, 0, nowNanos, action);
  }

  /** Acts, if it is time. */
  public void check(long nowNanos) {
    if (eager > 0) {
      eager--;
      action.accept(0);
      return;
    }
    long due = dueNanos;
    // The winner alone changes the interval, and publishes it with the next due time.
    long before = intervalNanos;
    long next = Math.min(longestNanos, 2 * before);
    if (nowNanos - due >= 0 && DUE.compareAndSet(this, due, nowNanos + next)) {
      intervalNanos = next;
      action.accept((nowNanos - due + before) * 1e-9);
    }
  }
}
