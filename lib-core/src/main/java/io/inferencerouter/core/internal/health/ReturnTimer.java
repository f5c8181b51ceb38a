package io.inferencerouter.core.internal.health;

import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.internal.membership.Membership;
import io.inferencerouter.core.internal.state.Ejection;
import io.inferencerouter.core.internal.state.Member;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Brings endpoints back when their ejection ends. Of each endpoint one timer runs at most: it is
 * replaced when the ejection becomes longer or shorter.
 */
public final class ReturnTimer {
  private final Membership membership;
  private final Scheduler scheduler;
  private final Runnable returned;
  private final ReentrantLock lock = new ReentrantLock();

  /** Used under the lock only. */
  private final Map<String, Scheduler.Cancellation> timers = new HashMap<>();

  private boolean closed;

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
   * @param delay the time until {@code untilNanos}
   * @throws RejectedExecutionException if the scheduler takes no more tasks
   */
  public void schedule(String id, Duration delay, long untilNanos) {
    try {
      replace(id, delay, untilNanos);
    } catch (RejectedExecutionException e) {
      end(id, untilNanos);
      throw e;
    }
  }

  private void replace(String id, Duration delay, long untilNanos) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      // Somebody else may have changed the ejection meanwhile: whoever comes last sees how it is.
      long until = currentUntil(id, untilNanos);
      Duration rest = delay.plusNanos(until - untilNanos);
      Scheduler.Cancellation timer =
          scheduler.schedule(rest.isNegative() ? Duration.ZERO : rest, () -> end(id, until));
      Scheduler.Cancellation before = timers.put(id, timer);
      if (before != null) {
        before.cancel();
      }
    } finally {
      lock.unlock();
    }
  }

  private long currentUntil(String id, long otherwise) {
    Member member = membership.fleet().member(id);
    Ejection ejection = member == null ? null : member.ejection();
    return ejection == null ? otherwise : ejection.untilNanos();
  }

  private void end(String id, long nowNanos) {
    membership.ejections().ejectionEnded(id, nowNanos);
    returned.run();
  }

  /** To be called when an endpoint has come back otherwise. */
  public void returned() {
    returned.run();
  }

  /** Lets no more ejections end. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      timers.values().forEach(Scheduler.Cancellation::cancel);
      timers.clear();
    } finally {
      lock.unlock();
    }
  }
}
