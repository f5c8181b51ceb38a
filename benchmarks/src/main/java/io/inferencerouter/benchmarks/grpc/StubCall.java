package io.inferencerouter.benchmarks.grpc;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** A unary call of a blocking stub, bare and routed, by one and by two threads. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class StubCall {
  /** Bare, one thread. */
  @Benchmark
  @Threads(1)
  public byte[] bareByOneThread(InProcessCalls calls) {
    return calls.bare();
  }

  /** Routed, one thread. */
  @Benchmark
  @Threads(1)
  public byte[] routedByOneThread(InProcessCalls calls) {
    return calls.routed();
  }

  /** Bare, two threads. */
  @Benchmark
  @Threads(2)
  public byte[] bareByTwoThreads(InProcessCalls calls) {
    return calls.bare();
  }

  /** Routed, two threads. */
  @Benchmark
  @Threads(2)
  public byte[] routedByTwoThreads(InProcessCalls calls) {
    return calls.routed();
  }
}
