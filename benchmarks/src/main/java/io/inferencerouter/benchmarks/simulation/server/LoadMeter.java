package io.inferencerouter.benchmarks.simulation.server;

/** Rates of the last while: what is older than {@value #MEMORY_SECONDS} s counts little. */
final class LoadMeter {
  static final double MEMORY_SECONDS = 10;

  private static final double NANOS_PER_SECOND = 1e9;

  private double updatedAt;
  private double finished;
  private double busyBefore;
  private double busyShare;

  /** Counts one that is finished. */
  void finished(double now, double busyNanos) {
    update(now, busyNanos);
    finished++;
  }

  double finishedPerSecond() {
    return finished / MEMORY_SECONDS;
  }

  double busyShare() {
    return Math.min(1, busyShare);
  }

  private void update(double now, double busyNanos) {
    double elapsed = now - updatedAt;
    if (elapsed <= 0) {
      return;
    }
    double keep = StrictMath.exp(-elapsed / (MEMORY_SECONDS * NANOS_PER_SECOND));
    finished *= keep;
    busyShare = keep * busyShare + (1 - keep) * (busyNanos - busyBefore) / elapsed;
    busyBefore = busyNanos;
    updatedAt = now;
  }
}
