package io.inferencerouter.grpc;

import io.inferencerouter.core.Scheduler;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs what is done after a time, as the end of a deadline while a call waits. Without a scheduler
 * of the user's there is one daemon thread, started when it is first needed, and ended when it has
 * not been needed for a while. After the channel was shut down it ends a second after nothing is
 * scheduled any more: calls that go on to their end keep their limits until then.
 */
final class Timers {
  static final String THREAD_NAME = "inference-router-grpc-timer";

  private static final long IDLE_SECONDS = 30;

  /** As long as something is scheduled, the thread wakes up as often as this, for nothing. */
  private static final long IDLE_SECONDS_IN_THE_END = 1;

  private final @Nullable ScheduledThreadPoolExecutor owned;
  private final Scheduler scheduler;

  private Timers(@Nullable ScheduledThreadPoolExecutor owned, Scheduler scheduler) {
    this.owned = owned;
    this.scheduler = scheduler;
  }

  static Timers of(@Nullable Scheduler given) {
    if (given != null) {
      return new Timers(null, given);
    }
    ScheduledThreadPoolExecutor owned =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, THREAD_NAME);
              thread.setDaemon(true);
              return thread;
            });
    owned.setRemoveOnCancelPolicy(true);
    owned.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    owned.allowCoreThreadTimeOut(true);
    return new Timers(owned, Scheduler.of(owned));
  }

  /** Runs the task later; null if no tasks are taken any more. */
  Scheduler.@Nullable Cancellation schedule(long nanos, Runnable task) {
    try {
      return scheduler.schedule(Duration.ofNanos(Math.max(0, nanos)), task);
    } catch (RejectedExecutionException e) {
      return null;
    }
  }

  /** Ends the thread when nothing is scheduled any more. */
  void close() {
    if (owned != null) {
      owned.setKeepAliveTime(IDLE_SECONDS_IN_THE_END, TimeUnit.SECONDS);
    }
  }
}
