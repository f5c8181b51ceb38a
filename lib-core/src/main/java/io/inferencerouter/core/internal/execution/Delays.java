package io.inferencerouter.core.internal.execution;

import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.Scheduler.Cancellation;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tasks that wait for their time. When the router is closed they run at once, for nobody knows
 * whether the scheduler will still run them, and their callers wait.
 */
public final class Delays {
  private final Scheduler scheduler;
  private final Set<Task> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Tasks wait in the scheduler. */
  public Delays(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  private final class Task implements Runnable {
    private final AtomicBoolean done = new AtomicBoolean();
    private final Runnable action;

    Task(Runnable action) {
      this.action = action;
    }

    @Override
    public void run() {
      if (leave()) {
        action.run();
      }
    }

    boolean leave() {
      waiting.remove(this);
      return done.compareAndSet(false, true);
    }
  }

  /**
   * Runs an action after a delay; once closed, at once.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the scheduler takes no more tasks
   */
  Cancellation after(Duration delay, Runnable action) {
    Task task = new Task(action);
    if (closed) {
      task.run();
      return () -> {};
    }
    waiting.add(task);
    try {
      Cancellation scheduled = scheduler.schedule(delay, task);
      if (closed) {
        task.run();
      }
      return () -> {
        task.leave();
        scheduled.cancel();
      };
    } catch (RuntimeException rejected) {
      if (closed) {
        task.run();
        return () -> {};
      }
      task.leave();
      throw rejected;
    }
  }

  /** Runs everything that waits, and from now on everything without a delay. */
  public void close() {
    closed = true;
    waiting.forEach(Task::run);
  }
}
