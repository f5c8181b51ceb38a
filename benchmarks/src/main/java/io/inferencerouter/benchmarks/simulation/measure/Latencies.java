package io.inferencerouter.benchmarks.simulation.measure;

import org.HdrHistogram.Histogram;

/** How long something took for many requests, in three digits. For one thread. */
final class Latencies {
  private static final int DIGITS = 3;
  private static final double MICRO = 1e-3;

  /** The time of what never comes; 292 years, and no run is as long. */
  private static final long NEVER = Long.MAX_VALUE;

  private final Histogram nanos = new Histogram(DIGITS);

  void add(long nanos) {
    this.nanos.recordValue(Math.max(0, nanos));
  }

  /** Percentiles of what was added. */
  Percentiles percentiles() {
    return percentiles(nanos);
  }

  /** Percentiles of what was added, and of so many requests to which it never happened. */
  Percentiles percentiles(long never) {
    if (never == 0) {
      return percentiles();
    }
    Histogram all = nanos.copy();
    all.recordValueWithCount(NEVER, never);
    return percentiles(all);
  }

  private static Percentiles percentiles(Histogram nanos) {
    return new Percentiles(
        millis(nanos, 50), millis(nanos, 95), millis(nanos, 99), millis(nanos, 99.9));
  }

  private static double millis(Histogram nanos, double percentile) {
    if (nanos.getTotalCount() == 0) {
      return 0;
    }
    long value = nanos.getValueAtPercentile(percentile);
    return value == NEVER ? Double.POSITIVE_INFINITY : Math.round(value * MICRO) * MICRO;
  }
}
