package io.inferencerouter.benchmarks.report;

import io.inferencerouter.benchmarks.jmh.Clock;
import io.inferencerouter.benchmarks.jmh.Policy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.ListStatistics;
import org.openjdk.jmh.util.Statistics;

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

    /** The medians of the iterations of all rounds. */
    static Tail of(List<RunResult> rounds) {
      return rounds.isEmpty()
          ? NOT_TIMED
          : new Tail(
              median(rounds, "p50"),
              median(rounds, "p99"),
              median(rounds, "p999"),
              median(rounds, "p9999"));
    }

    private static double median(List<RunResult> rounds, String percentile) {
      double[] sorted =
          rounds.stream()
              .flatMap(result -> result.getBenchmarkResults().stream())
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

  private record Beside(int endpoints, int threads) {}

  private final Map<Case, List<RunResult>> measured = new HashMap<>();
  private final Map<Beside, List<RunResult>> floors = new HashMap<>();
  private final Map<String, List<RunResult>> parts = new TreeMap<>();
  private final Map<Integer, List<RunResult>> tails = new TreeMap<>();
  private final List<RunResult> floorTails = new ArrayList<>();
  private String jvm = "";

  void add(int endpoints, Collection<RunResult> run) {
    for (RunResult result : run) {
      BenchmarkParams params = result.getParams();
      Case what =
          new Case(
              method(params),
              Policy.valueOf(params.getParam("policy")),
              Clock.valueOf(params.getParam("clock")),
              endpoints,
              params.getThreads());
      add(result, what, measured);
    }
  }

  void addFloor(int endpoints, Collection<RunResult> run) {
    for (RunResult result : run) {
      BenchmarkParams params = result.getParams();
      add(result, new Beside(endpoints, params.getThreads()), floors);
      jvm = params.getVmName() + " " + params.getVmVersion();
    }
  }

  void addParts(Collection<RunResult> run) {
    run.forEach(result -> add(result, method(result.getParams()), parts));
  }

  void addTail(int endpoints, Collection<RunResult> run) {
    run.forEach(result -> add(result, endpoints, tails));
  }

  void addFloorTail(Collection<RunResult> run) {
    floorTails.addAll(run);
  }

  private static <K> void add(RunResult result, K what, Map<K, List<RunResult>> to) {
    to.computeIfAbsent(what, any -> new ArrayList<>()).add(result);
  }

  private static String method(BenchmarkParams params) {
    String name = params.getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** The lower quartile of the iterations: those that something else has disturbed do not count. */
  private static double quartile(List<RunResult> rounds) {
    return quartileOf(rounds.stream().map(result -> result.getPrimaryResult().getStatistics()));
  }

  private static double bytes(List<RunResult> rounds) {
    return quartileOf(
        rounds.stream()
            .flatMap(result -> secondary(result).entrySet().stream())
            .filter(entry -> entry.getKey().endsWith("gc.alloc.rate.norm"))
            .map(entry -> entry.getValue().getStatistics()));
  }

  private static double quartileOf(Stream<Statistics> rounds) {
    ListStatistics all = new ListStatistics();
    rounds.forEach(
        round ->
            round
                .getRawData()
                .forEachRemaining(
                    value -> {
                      for (long i = 0; i < value.getValue(); i++) {
                        all.addValue(value.getKey());
                      }
                    }));
    return all.getN() == 0 ? Double.NaN : all.getPercentile(25);
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
    return quartile(measured.getOrDefault(what, List.of()));
  }

  /** Bytes allocated for each operation. */
  double bytes(Case what) {
    return bytes(measured.getOrDefault(what, List.of()));
  }

  /**
   * Bytes allocated for each operation of the default selector: where single ones were timed, in
   * iterations so long that loading the fleet before each of them does not count.
   */
  double bytes(int endpoints) {
    List<RunResult> ofLong = tails.get(endpoints);
    return ofLong != null ? bytes(ofLong) : bytes(Case.ofDefault(Clock.SYSTEM, endpoints, 1));
  }

  /** The floor that was measured beside this number of endpoints, in nanoseconds. */
  double floor(int endpoints, int threads) {
    return quartile(floors.getOrDefault(new Beside(endpoints, threads), List.of()));
  }

  /** How many times the floor it takes. */
  double ratio(Case what) {
    return nanos(what) / floor(what.endpoints, what.threads);
  }

  /** The parts of the floor by name, in nanoseconds. */
  Map<String, Double> parts() {
    Map<String, Double> nanos = new TreeMap<>();
    parts.forEach((name, rounds) -> nanos.put(name, quartile(rounds)));
    return nanos;
  }

  /** One reading of the clock, in nanoseconds. */
  double clockReading() {
    return quartile(parts.getOrDefault("clock", List.of())) / 2;
  }

  /** Single operations of the default selector by number of endpoints. */
  Map<Integer, Tail> tails() {
    Map<Integer, Tail> percentiles = new TreeMap<>();
    tails.forEach((endpoints, rounds) -> percentiles.put(endpoints, Tail.of(rounds)));
    return percentiles;
  }

  /** Single operations of the default selector, not numbers if they were not timed. */
  Tail tail(int endpoints) {
    return Tail.of(tails.getOrDefault(endpoints, List.of()));
  }

  /** Single rounds of the floor. */
  Tail floorTail() {
    return Tail.of(floorTails);
  }
}
