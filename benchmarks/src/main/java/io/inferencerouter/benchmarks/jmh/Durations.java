package io.inferencerouter.benchmarks.jmh;

import org.HdrHistogram.Histogram;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How long single operations took, iteration by iteration; in nanoseconds. */
@AuxCounters(AuxCounters.Type.EVENTS)
@State(Scope.Thread)
public class Durations {
  private static final long LONGEST = 10_000_000_000L;

  private final Histogram histogram = new Histogram(LONGEST, 3);

  /** Begins anew. */
  @Setup(Level.Iteration)
  public void reset() {
    histogram.reset();
  }

  void took(long nanos) {
    histogram.recordValue(Math.min(LONGEST, nanos));
  }

  /** The median. */
  public long p50() {
    return histogram.getValueAtPercentile(50);
  }

  /** One in a hundred took longer. */
  public long p99() {
    return histogram.getValueAtPercentile(99);
  }

  /** One in a thousand took longer. */
  public long p999() {
    return histogram.getValueAtPercentile(99.9);
  }

  /** One in ten thousand took longer. */
  public long p9999() {
    return histogram.getValueAtPercentile(99.99);
  }
}
