package io.inferencerouter.benchmarks.simulation.time;

import io.inferencerouter.Ticker;
import io.inferencerouter.core.Scheduler;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/**
 * Virtual time: events run in the order of their times, and those of the same time in the order in
 * which they were scheduled. A router takes it for its clock and its scheduler.
 *
 * <p>A heap with four children per node, in arrays, so that an event costs no object of its own.
 * For one thread.
 */
public final class EventLoop implements Ticker, Scheduler {
  /** Time that never comes. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final int FIRST_CAPACITY = 1024;
  private static final int CHILDREN = 4;

  private long now;
  private long scheduled;
  private long executed;
  private int size;
  private long[] times = new long[FIRST_CAPACITY];
  private long[] orders = new long[FIRST_CAPACITY];
  private Runnable[] events = new Runnable[FIRST_CAPACITY];

  /** Nanoseconds since the beginning. */
  @Override
  public long nanos() {
    return now;
  }

  /** How many events have run. */
  public long executed() {
    return executed;
  }

  /** Whether nothing is left to happen. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** When the next event is due, or {@link #NEVER}. */
  public long nextNanos() {
    return size == 0 ? NEVER : times[0];
  }

  /**
   * Runs an event at a time; at once, after what is due already, if that time has passed. Events
   * are not taken back: one that has lost its meaning finds that out when it runs.
   */
  public void at(long nanos, Runnable event) {
    Objects.requireNonNull(event, "event");
    if (size == times.length) {
      times = Arrays.copyOf(times, 2 * size);
      orders = Arrays.copyOf(orders, 2 * size);
      events = Arrays.copyOf(events, 2 * size);
    }
    long time = Math.max(now, nanos);
    long order = scheduled++;
    int node = size++;
    while (node > 0) {
      int parent = (node - 1) / CHILDREN;
      if (isBefore(times[parent], orders[parent], time, order)) {
        break;
      }
      move(parent, node);
      node = parent;
    }
    put(node, time, order, event);
  }

  /** Runs an event after a time. */
  public void after(long delayNanos, Runnable event) {
    at(now + Math.max(0, delayNanos), event);
  }

  @Override
  public Cancellation schedule(Duration delay, Runnable task) {
    Cancellable event = new Cancellable(task);
    after(delay.toNanos(), event);
    return event;
  }

  /**
   * Runs the next event.
   *
   * @return whether there was one
   */
  public boolean runNext() {
    if (size == 0) {
      return false;
    }
    Runnable event = events[0];
    now = times[0];
    removeFirst();
    executed++;
    event.run();
    return true;
  }

  private void removeFirst() {
    int last = --size;
    long time = times[last];
    long order = orders[last];
    Runnable event = events[last];
    events[last] = Cancellable.NOTHING;
    if (last == 0) {
      return;
    }
    int node = 0;
    int first = 1;
    while (first < last) {
      int least = first;
      int end = Math.min(first + CHILDREN, last);
      for (int child = first + 1; child < end; child++) {
        if (isBefore(times[child], orders[child], times[least], orders[least])) {
          least = child;
        }
      }
      if (isBefore(time, order, times[least], orders[least])) {
        break;
      }
      move(least, node);
      node = least;
      first = node * CHILDREN + 1;
    }
    put(node, time, order, event);
  }

  private static boolean isBefore(long time, long order, long otherTime, long otherOrder) {
    return time < otherTime || (time == otherTime && order < otherOrder);
  }

  private void move(int from, int to) {
    times[to] = times[from];
    orders[to] = orders[from];
    events[to] = events[from];
  }

  private void put(int node, long time, long order, Runnable event) {
    times[node] = time;
    orders[node] = order;
    events[node] = event;
  }

  private static final class Cancellable implements Runnable, Cancellation {
    static final Runnable NOTHING = () -> {};

    private Runnable task;

    Cancellable(Runnable task) {
      this.task = Objects.requireNonNull(task, "task");
    }

    @Override
    public void run() {
      Runnable due = task;
      task = NOTHING;
      due.run();
    }

    @Override
    public void cancel() {
      task = NOTHING;
    }
  }
}
