package io.inferencerouter.core.testing;

import io.inferencerouter.Ticker;
import io.inferencerouter.core.Scheduler;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes when it is told to: a ticker and a scheduler for one thread. */
public final class VirtualTime implements Ticker, Scheduler {
  private record Task(long dueNanos, long sequence, Runnable action) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::dueNanos).thenComparing(Task::sequence));
  private long now;
  private long elapsed;
  private long scheduled;

  /** Begins at a reading that overflows soon, as a clock with an arbitrary origin may. */
  public VirtualTime() {
    this(Long.MAX_VALUE - Duration.ofSeconds(5).toNanos());
  }

  public VirtualTime(long startNanos) {
    now = startNanos;
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public Cancellation schedule(Duration delay, Runnable action) {
    // Due times count from the start of scheduling, so that the order survives the overflow of the
    // clock.
    Task task = new Task(elapsed + delay.toNanos(), scheduled++, action);
    tasks.add(task);
    return () -> tasks.remove(task);
  }

  /** Lets time pass, and runs what falls due on the way. */
  public void advance(Duration duration) {
    long target = elapsed + duration.toNanos();
    while (!tasks.isEmpty() && tasks.peek().dueNanos() <= target) {
      Task task = tasks.remove();
      pass(Math.max(0, task.dueNanos() - elapsed));
      task.action().run();
    }
    pass(target - elapsed);
  }

  private void pass(long nanos) {
    elapsed += nanos;
    now += nanos;
  }

  /** How much time has passed. */
  public double elapsedSeconds() {
    return elapsed * 1e-9;
  }

  /** How many tasks wait for their time. */
  public int pending() {
    return tasks.size();
  }
}
