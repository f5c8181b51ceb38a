package io.inferencerouter.benchmarks.report;

import io.inferencerouter.benchmarks.jmh.AcquireComplete;
import io.inferencerouter.benchmarks.jmh.Clock;
import io.inferencerouter.benchmarks.jmh.EachOperation;
import io.inferencerouter.benchmarks.jmh.Floors;
import io.inferencerouter.benchmarks.jmh.Policy;
import java.util.Arrays;
import java.util.Collection;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * One run on one JVM. The floor is measured again beside each size, so that a machine which gets
 * slower or faster meanwhile does not change the ratios.
 *
 * <p>What shares the machine may disturb for a minute all that is measured then, and how long a
 * cache line takes from one processor to another differs between processes on a virtual machine. So
 * what targets go by is measured in rounds, each in processes of its own, and of all rounds
 * together the lower quartile counts.
 */
final class Measuring {
  private static final int[] THREADS = {1, 2};
  private static final int WARMUPS = 10;

  private static final int ROUNDS = 3;

  /** Few and long, as percentiles need many operations. */
  private static final int TAIL_ITERATIONS = 5;

  private static final int TAIL_ITERATION_MILLIS = 1_000;

  private final String jvm;
  private final Effort effort;
  private final Results results = new Results();

  Measuring(String jvm, Effort effort) {
    this.jvm = jvm;
    this.effort = effort;
  }

  Results run() throws RunnerException {
    if (effort == Effort.SMOKE) {
      for (int size : effort.sizes()) {
        floor(size, 1);
        measure(size, acquireComplete(size, Policy.PREDICTED_TIME.name()));
        tail(size);
      }
      return results;
    }
    for (int round = 1; round <= ROUNDS; round++) {
      results.addParts(run(options(Floors.class, "clock|random|compareAndSets", 1)));
      for (int size : effort.sizes()) {
        targets(size, "round " + round + " of " + ROUNDS);
      }
      results.addFloorTail(run(oneByOne("floor")));
    }
    for (int size : effort.sizes()) {
      beside(size);
    }
    return results;
  }

  /** What targets go by. */
  private void targets(int size, String round) throws RunnerException {
    for (int threads : THREADS) {
      progress(round + ", " + size + " endpoints, " + threads + " thread(s)");
      floor(size, threads);
      measure(size, bothWays(size, threads, Policy.PREDICTED_TIME.name()));
    }
    tail(size);
  }

  /** What stands beside it, for comparison. */
  private void beside(int size) throws RunnerException {
    progress("other selectors, " + size + " endpoints");
    if (effort == Effort.FULL) {
      for (int threads : THREADS) {
        measure(size, bothWays(size, threads, others()));
      }
    } else {
      measure(size, acquireComplete(size, others()));
    }
    measure(
        size,
        oneWay(
            options(AcquireComplete.class, Results.ACQUIRE_BY_MODEL_COMPLETE, 1),
            size,
            Policy.PREDICTED_TIME.name()));
  }

  private void tail(int size) throws RunnerException {
    results.addTail(
        size, run(oneWay(oneByOne(Results.ACQUIRE_COMPLETE), size, Policy.PREDICTED_TIME.name())));
  }

  private ChainedOptionsBuilder oneByOne(String methods) {
    return options(EachOperation.class, methods, 1)
        .measurementIterations(TAIL_ITERATIONS)
        .measurementTime(TimeValue.milliseconds(TAIL_ITERATION_MILLIS));
  }

  private ChainedOptionsBuilder acquireComplete(int size, String... policies) {
    return oneWay(options(AcquireComplete.class, Results.ACQUIRE_COMPLETE, 1), size, policies);
  }

  private static ChainedOptionsBuilder oneWay(
      ChainedOptionsBuilder options, int size, String... policies) {
    return options
        .param("policy", policies)
        .param("clock", Clock.SYSTEM.name())
        .param("endpoints", Integer.toString(size));
  }

  private ChainedOptionsBuilder bothWays(int size, int threads, String... policies) {
    return options(
            AcquireComplete.class,
            Results.ACQUIRE_COMPLETE + "|" + Results.ACQUIRE_FIRST_TOKEN_COMPLETE,
            threads)
        .param("policy", policies)
        .param("endpoints", Integer.toString(size));
  }

  private static String[] others() {
    return Arrays.stream(Policy.values())
        .filter(policy -> policy != Policy.PREDICTED_TIME)
        .map(Policy::name)
        .toArray(String[]::new);
  }

  private void floor(int size, int threads) throws RunnerException {
    results.addFloor(size, run(options(Floors.class, "floor", threads)));
  }

  private void measure(int size, ChainedOptionsBuilder options) throws RunnerException {
    results.add(size, run(options));
  }

  private ChainedOptionsBuilder options(Class<?> benchmarks, String methods, int threads) {
    return new OptionsBuilder()
        .include("^" + Pattern.quote(benchmarks.getName()) + "\\.(" + methods + ")$")
        .jvm(jvm)
        .threads(threads)
        .forks(1)
        .warmupIterations(WARMUPS)
        .warmupTime(TimeValue.milliseconds(effort.warmupMillis / WARMUPS))
        .measurementIterations(effort.iterations)
        .measurementTime(TimeValue.milliseconds(effort.iterationMillis))
        .addProfiler(GCProfiler.class)
        .verbosity(VerboseMode.SILENT)
        .shouldFailOnError(true);
  }

  private static Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
    return new Runner(options.build()).run();
  }

  private void progress(String what) {
    System.out.println("measuring: " + what);
  }
}
