package io.inferencerouter.benchmarks.report;

import io.inferencerouter.benchmarks.jmh.Clock;
import io.inferencerouter.benchmarks.jmh.Policy;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What one run on one JVM has measured. What was not measured is not a number. */
final class Results {
  static final String ACQUIRE_COMPLETE = "acquireComplete";
  static final String ACQUIRE_FIRST_TOKEN_COMPLETE = "acquireFirstTokenComplete";
  static final String ACQUIRE_BY_MODEL_COMPLETE = "acquireByModelComplete";

  /** What is measured. */
  record Case(String benchmark, Policy policy, Clock clock, int endpoints, int threads) {
    /** Acquire and complete with the default selector. */
    static Case ofDefault(Clock clock, int endpoints, int threads) {
      return new Case(ACQUIRE_COMPLETE, Policy.PREDICTED_TIME, clock, endpoints, threads);
    }
  }

  /** Percentiles of single operations, in nanoseconds. */
  record Tail(double p50, double p99, double p999, double p9999) {
    private static final Tail NOT_TIMED = new Tail(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    /** The medians of the iterations. */
    static Tail of(RunResult result) {
      return new Tail(
          median(result, "p50"),
          median(result, "p99"),
          median(result, "p999"),
          median(result, "p9999"));
    }

    private static double median(RunResult result, String percentile) {
      double[] sorted =
          result.getBenchmarkResults().stream()
              .flatMap(fork -> fork.getIterationResults().stream())
              .mapToDouble(iteration -> counter(iteration, percentile))
              .sorted()
              .toArray();
      return sorted[sorted.length / 2];
    }

    @SuppressWarnings("rawtypes") // JMH's results are raw
    private static double counter(IterationResult iteration, String name) {
      Result counter = iteration.getSecondaryResults().get(name);
      return counter == null ? Double.NaN : counter.getScore();
    }
  }

  private record Measured(double nanos, double bytes) {}

  private record Beside(int endpoints, int threads) {}

  private final Map<Case, Measured> measured = new HashMap<>();
  private final Map<Beside, Double> floors = new HashMap<>();
  private final Map<String, Double> parts = new TreeMap<>();
  private final Map<Integer, Tail> tails = new TreeMap<>();
  private final Map<Integer, Double> longBytes = new TreeMap<>();
  private Tail floorTail = Tail.NOT_TIMED;
  private String jvm = "";

  void add(int endpoints, Collection<RunResult> run) {
    for (RunResult result : run) {
      BenchmarkParams params = result.getParams();
      measured.put(
          new Case(
              method(params),
              Policy.valueOf(params.getParam("policy")),
              Clock.valueOf(params.getParam("clock")),
              endpoints,
              params.getThreads()),
          new Measured(quartile(result), bytes(result)));
    }
  }

  void addFloor(int endpoints, Collection<RunResult> run) {
    for (RunResult result : run) {
      BenchmarkParams params = result.getParams();
      floors.put(new Beside(endpoints, params.getThreads()), quartile(result));
      jvm = params.getVmName() + " " + params.getVmVersion();
    }
  }

  void addParts(Collection<RunResult> run) {
    run.forEach(result -> parts.put(method(result.getParams()), quartile(result)));
  }

  void addTail(int endpoints, Collection<RunResult> run) {
    for (RunResult result : run) {
      tails.put(endpoints, Tail.of(result));
      longBytes.put(endpoints, bytes(result));
    }
  }

  void addFloorTail(Collection<RunResult> run) {
    run.forEach(result -> floorTail = Tail.of(result));
  }

  private static String method(BenchmarkParams params) {
    String name = params.getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** The lower quartile of the iterations: those that something else has disturbed do not count. */
  private static double quartile(RunResult result) {
    return result.getPrimaryResult().getStatistics().getPercentile(25);
  }

  private static double bytes(RunResult result) {
    for (Map.Entry<String, ? extends Result<?>> entry : secondary(result).entrySet()) {
      if (entry.getKey().endsWith("gc.alloc.rate.norm")) {
        return entry.getValue().getStatistics().getPercentile(25);
      }
    }
    return Double.NaN;
  }

  @SuppressWarnings({"rawtypes", "unchecked"}) // JMH's results are raw
  private static Map<String, ? extends Result<?>> secondary(RunResult result) {
    return (Map) result.getSecondaryResults();
  }

  String jvm() {
    return jvm;
  }

  List<Integer> sizes() {
    return measured.keySet().stream().map(Case::endpoints).distinct().sorted().toList();
  }

  /** Nanoseconds for each operation, of each thread. */
  double nanos(Case what) {
    Measured found = measured.get(what);
    return found == null ? Double.NaN : found.nanos;
  }

  /** Bytes allocated for each operation. */
  double bytes(Case what) {
    Measured found = measured.get(what);
    return found == null ? Double.NaN : found.bytes;
  }

  /**
   * Bytes allocated for each operation of the default selector: where single ones were timed, in
   * iterations so long that loading the fleet before each of them does not count.
   */
  double bytes(int endpoints) {
    Double ofLong = longBytes.get(endpoints);
    return ofLong != null ? ofLong : bytes(Case.ofDefault(Clock.SYSTEM, endpoints, 1));
  }

  /** The floor that was measured beside this number of endpoints, in nanoseconds. */
  double floor(int endpoints, int threads) {
    return floors.getOrDefault(new Beside(endpoints, threads), Double.NaN);
  }

  /** How many times the floor it takes. */
  double ratio(Case what) {
    return nanos(what) / floor(what.endpoints, what.threads);
  }

  /** The parts of the floor by name, in nanoseconds. */
  Map<String, Double> parts() {
    return parts;
  }

  /** One reading of the clock, in nanoseconds. */
  double clockReading() {
    return parts.getOrDefault("clock", Double.NaN) / 2;
  }

  /** Single operations of the default selector by number of endpoints. */
  Map<Integer, Tail> tails() {
    return tails;
  }

  /** Single operations of the default selector, not numbers if they were not timed. */
  Tail tail(int endpoints) {
    return tails.getOrDefault(endpoints, Tail.NOT_TIMED);
  }

  /** Single rounds of the floor. */
  Tail floorTail() {
    return floorTail;
  }
}
