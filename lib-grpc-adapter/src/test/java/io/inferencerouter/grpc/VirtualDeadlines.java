package io.inferencerouter.grpc;

import io.grpc.Deadline;
import io.inferencerouter.core.testing.VirtualScheduler;
import java.util.concurrent.TimeUnit;

/** Deadlines by the clock of a test. */
final class VirtualDeadlines {
  private VirtualDeadlines() {}

  static Deadline after(long time, TimeUnit unit, VirtualScheduler scheduler) {
    return Deadline.after(
        time,
        unit,
        new Deadline.Ticker() {
          @Override
          public long nanoTime() {
            return scheduler.nanos();
          }
        });
  }
}
