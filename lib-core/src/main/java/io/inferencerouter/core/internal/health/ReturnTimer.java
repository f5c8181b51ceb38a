package io.inferencerouter.core.internal.health;

import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.internal.membership.Membership;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

/** Brings endpoints back when their ejection ends. */
public final class ReturnTimer {
  private final Membership membership;
  private final Scheduler scheduler;
  private final Runnable returned;

  /**
   * Creates the timer.
   *
   * @param returned runs when endpoints may have come back
   */
  public ReturnTimer(Membership membership, Scheduler scheduler, Runnable returned) {
    this.membership = membership;
    this.scheduler = scheduler;
    this.returned = returned;
  }

  /**
   * Sees to it that an ejection ends. If that cannot be had, it ends now: who never came back would
   * be lost.
   *
   * @throws RejectedExecutionException if the scheduler takes no more tasks
   */
  public void schedule(String id, Duration delay, long untilNanos) {
    try {
      Scheduler.Cancellation unused = scheduler.schedule(delay, () -> end(id, untilNanos));
    } catch (RejectedExecutionException e) {
      end(id, untilNanos);
      throw e;
    }
  }

  private void end(String id, long nowNanos) {
    membership.ejectionEnded(id, nowNanos);
    returned.run();
  }

  /** To be called when an endpoint has come back otherwise. */
  public void returned() {
    returned.run();
  }
}
