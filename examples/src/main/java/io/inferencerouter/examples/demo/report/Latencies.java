package io.inferencerouter.examples.demo.report;

import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * A distribution of times, kept to three digits. Recording is safe for use by many threads and
 * takes no lock.
 */
public final class Latencies {
  private static final int DIGITS = 3;

  private final Histogram nanos = new ConcurrentHistogram(DIGITS);

  /** Collects the given times. */
  public static Latencies of(LongStream nanos) {
    Latencies latencies = new Latencies();
    nanos.forEach(latencies::record);
    return latencies;
  }

  /** Adds a time; a negative one counts as zero. */
  public void record(long elapsedNanos) {
    nanos.recordValue(Math.max(0, elapsedNanos));
  }

  /** How many times were recorded. */
  public long count() {
    return nanos.getTotalCount();
  }

  /**
   * The time that the given percentage of all times does not exceed; 0 when nothing was recorded.
   *
   * @param percentile 0 to 100
   * @param unit the unit of the result
   */
  public double percentile(double percentile, TimeUnit unit) {
    return (double) nanos.getValueAtPercentile(percentile) / unit.toNanos(1);
  }
}
