package io.inferencerouter.benchmarks.jmh;

import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** The way of a request through the router, without a transport. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class AcquireComplete {
  /** Acquire through a route, complete with a success. */
  @Benchmark
  public boolean acquireComplete(LoadedRouter router, Caller caller) {
    return router.route.acquire(caller.next()).complete(Outcome.success());
  }

  /** The same with the first token reported in between. */
  @Benchmark
  public boolean acquireFirstTokenComplete(LoadedRouter router, Caller caller) {
    Lease lease = router.route.acquire(caller.nextStream());
    lease.firstToken();
    return lease.complete(Outcome.success());
  }

  /** Acquire with the model looked up by its name, complete with a success. */
  @Benchmark
  public boolean acquireByModelComplete(LoadedRouter router, Caller caller) {
    return router.router.acquire(caller.next()).complete(Outcome.success());
  }
}
