package io.inferencerouter.core.internal.concurrent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.function.DoubleConsumer;

/**
 * Something that is to be done from time to time, as long as something happens at all: whoever
 * comes by after the interval does it. It needs no timer, and an idle router stays idle.
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

  private final long intervalNanos;
  private final DoubleConsumer action;
  private volatile long dueNanos;

  /**
   * An interval that begins now.
   *
   * @param action takes the seconds since it was last called
   */
  public Interval(Duration interval, long nowNanos, DoubleConsumer action) {
    this.intervalNanos = interval.toNanos();
    this.action = action;
    this.dueNanos = nowNanos + intervalNanos;
  }

  /** Acts, if it is time. */
  public void check(long nowNanos) {
    long due = dueNanos;
    if (nowNanos - due >= 0 && DUE.compareAndSet(this, due, nowNanos + intervalNanos)) {
      action.accept((nowNanos - due + intervalNanos) * 1e-9);
    }
  }
}
