package io.inferencerouter.benchmarks.jmh;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What no router can do without: two readings of the clock, two random numbers, and one
 * compare-and-set to enter an endpoint and another to leave it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class Floors {
  private static final int COUNTERS = 4;

  private final PaddedCounters counters = new PaddedCounters(COUNTERS);

  /** All of it. */
  @Benchmark
  public long floor() {
    long began = System.nanoTime();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long first = random.nextLong();
    long second = random.nextLong();
    int counter = (int) (first ^ second) & (COUNTERS - 1);
    counters.add(counter, 1);
    counters.add(counter, -1);
    return System.nanoTime() - began;
  }

  /** The two readings of the clock. */
  @Benchmark
  public long clock() {
    long began = System.nanoTime();
    return System.nanoTime() - began;
  }

  /** The two random numbers. */
  @Benchmark
  public long random() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long first = random.nextLong();
    long second = random.nextLong();
    return first ^ second;
  }

  /** The two compare-and-sets. */
  @Benchmark
  public long compareAndSets() {
    counters.add(0, 1);
    return counters.add(0, -1);
  }
}
