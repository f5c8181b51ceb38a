package io.inferencerouter.core;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs tasks after a delay. The router's tasks are short and do not block.
 *
 * <p>Implementations are safe for use by many threads. A scheduler that keeps virtual time makes
 * everything the router does with time deterministic.
 */
@FunctionalInterface
public interface Scheduler {
  /** Takes a task back that has not run yet; afterwards without effect. */
  @FunctionalInterface
  interface Cancellation {
    /** Takes the task back. */
    void cancel();
  }

  /**
   * Runs the task once, after the delay.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the scheduler takes no more tasks
   */
  Cancellation schedule(Duration delay, Runnable task);

  /** A scheduler on top of an executor, which stays in the hands of its owner. */
  static Scheduler of(ScheduledExecutorService executor) {
    Objects.requireNonNull(executor, "executor");
    return (delay, task) -> {
      Future<?> future = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> future.cancel(false);
    };
  }
}
