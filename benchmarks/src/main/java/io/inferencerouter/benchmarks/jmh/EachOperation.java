package io.inferencerouter.benchmarks.jmh;

import io.inferencerouter.Outcome;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Single operations, all of them timed one by one, for the percentiles.
 *
 * <h2>Why not JMH's sample mode</h2>
 *
 * <p>JMH 1.37 begins each iteration by timing every call. When there are too many samples, it goes
 * on with half as many, and halves what it has counted so far; but a count of one stays one. Of
 * calls as short as these that happens eight times in each iteration: what is usual then counts for
 * a 256th of what it was, and each rare pause of the first milliseconds for all that it was. So the
 * upper percentiles tell of the machine's pauses, many times as often as they occur.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 1, timeUnit = TimeUnit.SECONDS)
public class EachOperation {
  /** Acquire through a route, complete with a success. */
  @Benchmark
  public boolean acquireComplete(LoadedRouter router, Caller caller, Durations durations) {
    long began = System.nanoTime();
    boolean completed = router.route.acquire(caller.next()).complete(Outcome.success());
    durations.took(System.nanoTime() - began);
    return completed;
  }

  /** What no router can do without. */
  @Benchmark
  public long floor(Floors floors, Durations durations) {
    long began = System.nanoTime();
    long took = floors.floor();
    durations.took(System.nanoTime() - began);
    return took;
  }
}
