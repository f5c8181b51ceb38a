package io.inferencerouter.grpc;

import io.grpc.Deadline;
import io.inferencerouter.core.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Time that passes when a test says so; its tasks run on the thread that says so. */
final class VirtualScheduler implements Scheduler {
  private record Task(long atNanos, Runnable body) {}

  private final List<Task> tasks = new ArrayList<>();
  private long nowNanos;

  @Override
  public synchronized Cancellation schedule(Duration delay, Runnable body) {
    Task task = new Task(nowNanos + delay.toNanos(), body);
    tasks.add(task);
    return () -> {
      synchronized (this) {
        tasks.remove(task);
      }
    };
  }

  synchronized int pending() {
    return tasks.size();
  }

  synchronized long nanos() {
    return nowNanos;
  }

  /** The clock of deadlines. */
  Deadline.Ticker deadlines() {
    return new Deadline.Ticker() {
      @Override
      public long nanoTime() {
        return nanos();
      }
    };
  }

  void advanceMillis(long millis) {
    List<Task> due = new ArrayList<>();
    synchronized (this) {
      nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
      tasks.stream()
          .filter(task -> task.atNanos() <= nowNanos)
          .sorted(Comparator.comparingLong(Task::atNanos))
          .forEach(due::add);
      tasks.removeAll(due);
    }
    due.forEach(task -> task.body().run());
  }
}
