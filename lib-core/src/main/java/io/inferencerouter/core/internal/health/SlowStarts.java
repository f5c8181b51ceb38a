package io.inferencerouter.core.internal.health;

import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.internal.membership.Membership;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Raises the shares of endpoints that start slowly, step by step; as long as none does, nothing is
 * scheduled.
 */
public final class SlowStarts {
  private static final int STEPS = 32;

  private final SlowStart slowStart;
  private final Membership membership;
  private final Scheduler scheduler;
  private final HealthObserver observer;
  private final Duration step;
  private final AtomicBoolean armed = new AtomicBoolean();
  private volatile boolean closed;

  /** Creates it; it does nothing by itself. */
  public SlowStarts(
      SlowStart slowStart, Membership membership, Scheduler scheduler, HealthObserver observer) {
    this.slowStart = slowStart;
    this.membership = membership;
    this.scheduler = scheduler;
    this.observer = observer;
    this.step = slowStart.window().dividedBy(STEPS);
  }

  /** To be called when endpoints have joined or come back. */
  public void begin() {
    if (slowStart.floor() < 1
        && membership.fleet().members().stream()
            .anyMatch(member -> member.isRoutable() && member.state().warmup.isUnderWay())
        && armed.compareAndSet(false, true)) {
      schedule();
    }
  }

  /** Schedules nothing more. */
  public void close() {
    closed = true;
  }

  private void schedule() {
    if (closed) {
      return;
    }
    try {
      Scheduler.Cancellation unused = scheduler.schedule(step, this::advance);
    } catch (RejectedExecutionException e) {
      observer.taskRejected(e);
      membership.warmUp((nanos, answers) -> 1); // rather all at once than never
      armed.set(false);
    }
  }

  private void advance() {
    boolean underWay =
        membership.warmUp(
            (nanos, answers) -> slowStart.share(Duration.ofNanos(Math.max(0, nanos)), answers));
    if (underWay) {
      schedule();
    } else {
      armed.set(false);
      begin(); // somebody may have joined in between
    }
  }
}
