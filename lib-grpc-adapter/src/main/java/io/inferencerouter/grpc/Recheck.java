package io.inferencerouter.grpc;

import io.inferencerouter.grpc.internal.concurrent.Steps;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Looks a short time after it was asked to, and again as long as what it sees makes sense of it.
 * Nothing runs in between, or when there is nothing to see. Safe for use by many threads.
 */
final class Recheck {
  /** The time from one look to the next. */
  static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Timers timers;
  private final BooleanSupplier look;
  private final Steps steps = new Steps();
  private final AtomicBoolean pending = new AtomicBoolean();

  /**
   * Creates one that looks at nothing yet.
   *
   * @param look runs once at a time; returns whether to look again
   */
  Recheck(Timers timers, BooleanSupplier look) {
    this.timers = timers;
    this.look = look;
  }

  /** There is something to look at. */
  void start() {
    if (!pending.get()
        && pending.compareAndSet(false, true)
        && timers.schedule(INTERVAL_NANOS, this::run) == null) {
      pending.set(false);
    }
  }

  private void run() {
    pending.set(false); // before the look: what comes after it has to be looked at
    steps.run(
        () -> {
          if (look.getAsBoolean()) {
            start();
          }
        });
  }
}
