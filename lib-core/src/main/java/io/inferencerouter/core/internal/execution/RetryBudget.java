package io.inferencerouter.core.internal.execution;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many repetitions all requests of a router may make together.
 *
 * <p>Each request earns a part of a repetition, and what is earned fades within ten seconds, so
 * that a long time of health does not pay for a storm. Besides, a few repetitions are free in each
 * second, for routers with little to do. So in any {@code t} seconds with {@code n} requests there
 * are at most {@code ratio · n + minimum · (t + 1)} repetitions, and what was earned in the ten
 * seconds before.
 *
 * <p>A request costs one addition to a striped counter; everything else is worked out by those who
 * want to repeat, in a lock-free loop over one reference.
 */
public final class RetryBudget {
  private static final double WINDOW_SECONDS = Duration.ofSeconds(10).toSeconds();
  private static final VarHandle LEVEL;

  static {
    try {
      LEVEL = MethodHandles.lookup().findVarHandle(RetryBudget.class, "level", Level.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final double ratio;
  private final double minimumPerSecond;
  private final LongAdder requests;
  private volatile Level level;

  /**
   * What could be spent at some moment.
   *
   * @param seen how many requests there had been
   */
  private record Level(double earned, double free, long seen, long nanos) {
    double total() {
      return earned + free;
    }

    Level spent() {
      double fromEarned = Math.min(1, earned);
      return new Level(earned - fromEarned, free - (1 - fromEarned), seen, nanos);
    }
  }

  /**
   * A budget in which the repetitions of the first second are free already.
   *
   * @param requests counts requests; several budgets may share it
   */
  public RetryBudget(double ratio, double minimumPerSecond, LongAdder requests, long nowNanos) {
    this.ratio = ratio;
    this.requests = requests;
    this.minimumPerSecond = minimumPerSecond;
    this.level = new Level(0, minimumPerSecond, 0, nowNanos);
  }

  /** Pays for a repetition, if that is possible. */
  public boolean trySpend(long nowNanos) {
    Level before;
    Level now;
    do {
      before = level;
      now = after(before, nowNanos);
      if (now.total() < 1) {
        return false;
      }
    } while (!LEVEL.compareAndSet(this, before, now.spent()));
    return true;
  }

  /** How many repetitions it would pay for. */
  public double left(long nowNanos) {
    return Math.max(0, after(level, nowNanos).total());
  }

  private Level after(Level before, long nowNanos) {
    double seconds = Math.max(0, nowNanos - before.nanos) * 1e-9;
    long seen = Math.max(before.seen, requests.sum());
    // Requests are taken to have come at an even rate; those of the last window count.
    double recent = seconds > WINDOW_SECONDS ? WINDOW_SECONDS / seconds : 1;
    double kept = Math.max(0, 1 - seconds / WINDOW_SECONDS);
    return new Level(
        before.earned * kept + ratio * recent * (seen - before.seen),
        Math.min(minimumPerSecond, before.free + minimumPerSecond * seconds),
        seen,
        seconds == 0 ? before.nanos : nowNanos);
  }
}
