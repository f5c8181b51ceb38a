package io.inferencerouter.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.fleet.Fleets;
import io.inferencerouter.benchmarks.simulation.measure.Recorder;
import io.inferencerouter.benchmarks.simulation.policy.LibraryPolicies;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import io.inferencerouter.benchmarks.simulation.workload.Workloads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a fault leaves behind, in the simulator: from a stated time after its end on, the P99 is
 * within a tenth of what the same requests take without it, and the endpoint that was hit gets
 * neither too many of them nor too few.
 */
class RecoveryTest {
  private static final FleetSpec FLEET = Fleets.byName("mixed-8").orElseThrow();
  private static final int REQUESTS = 12_000;
  private static final int SEEDS = 9;
  private static final double LOAD = 0.5;
  private static final long SECOND = 1_000_000_000;

  /** So many seconds of arrivals, of all seeds together, make one P99. */
  private static final int WINDOW_SECONDS = 30;

  private static final Capacity CAPACITY = new Capacity();
  private static final List<Observed> HEALTHY = runs(FLEET);

  /** When the last request arrives, and when faults begin. */
  private static final long LAST = Simulation.length(scenario(FLEET, 1)).toNanos();

  private static final long BEGIN = Math.round(0.3 * LAST);

  /** When requests arrived, for how long they took, and where they were sent. */
  private static final class Observed implements Recorder {
    final List<long[]> answers = new ArrayList<>();
    final List<Map.Entry<Long, String>> sent = new ArrayList<>();

    @Override
    public void sent(long nowNanos, String endpoint, SimulatedRequest request) {
      sent.add(Map.entry(nowNanos, endpoint));
    }

    @Override
    public void completed(
        long nowNanos, String endpoint, SimulatedRequest request, long arrival, long first) {
      answers.add(new long[] {arrival, nowNanos - arrival});
    }
  }

  private static Scenario scenario(FleetSpec fleet, long seed) {
    Workload workload = Workloads.byName("chat", seed, REQUESTS);
    return Scenario.atLoad(
        workload, fleet, 1, LOAD, CAPACITY.requestsPerSecond(workload, FLEET), seed);
  }

  private static List<Observed> runs(FleetSpec fleet) {
    List<Observed> records = new ArrayList<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      Observed record = new Observed();
      var unused =
          new Simulation(CAPACITY)
              .run(scenario(fleet, seed), LibraryPolicies.byDefault(), requests -> {}, record);
      records.add(record);
    }
    return records;
  }

  private static double p99Seconds(List<Observed> runs, long from, long to) {
    long[] times =
        runs.stream()
            .flatMap(run -> run.answers.stream())
            .filter(answer -> answer[0] >= from && answer[0] < to)
            .mapToLong(answer -> answer[1])
            .sorted()
            .toArray();
    return times[(int) Math.ceil(0.99 * times.length) - 1] * 1e-9;
  }

  private static Map<String, Double> shares(List<Observed> runs, long from, long to) {
    Map<String, Double> shares = new TreeMap<>();
    double all = 0;
    for (Observed run : runs) {
      for (Map.Entry<Long, String> sent : run.sent) {
        if (sent.getKey() >= from && sent.getKey() < to) {
          shares.merge(sent.getValue(), 1.0, Double::sum);
          all++;
        }
      }
    }
    double total = all;
    shares.replaceAll((id, count) -> count / total);
    return shares;
  }

  /** Beginnings of windows, from one time on, in steps of ten seconds. */
  private static LongStream windows(long from) {
    return LongStream.iterate(
        from, at -> at + WINDOW_SECONDS * SECOND < LAST, at -> at + 10 * SECOND);
  }

  private static double slower(List<Observed> hit, long at) {
    long to = at + WINDOW_SECONDS * SECOND;
    return p99Seconds(hit, at, to) / p99Seconds(HEALTHY, at, to);
  }

  private static double share(List<Observed> runs, String id, long at) {
    return shares(runs, at, at + WINDOW_SECONDS * SECOND).getOrDefault(id, 0.0);
  }

  /** Faults, how long they last, and after which further time all is as if they had not been. */
  @ParameterizedTest
  @CsvSource({"gray, 60, 70", "fast-fail, 60, 60", "throttle, 120, 20", "restart, 20, 40"})
  void theP99ComesBackAndTheEndpointIsNeitherFloodedNorStarved(
      String fault, int seconds, int bound) {
    String id = FLEET.endpoints().get(0).id();
    List<Observed> hit = runs(FLEET.withChanges(Faults.byName(fault, FLEET).orElseThrow()));
    long end = BEGIN + seconds * SECOND;

    assertThat(slower(hit, BEGIN + 10 * SECOND)).as("it is felt").isGreaterThan(1.1);
    assertThat(windows(end + bound * SECOND).mapToDouble(at -> slower(hit, at)))
        .as("P99 to that of the healthy fleet")
        .allSatisfy(ratio -> assertThat(ratio).isLessThan(1.1));
    windows(end)
        .forEach(
            at ->
                assertThat(share(hit, id, at))
                    .as("no flood")
                    .isLessThan(1.1 * share(HEALTHY, id, at)));
    windows(end + 90 * SECOND)
        .forEach(
            at ->
                assertThat(share(hit, id, at))
                    .as("no starvation")
                    .isGreaterThan(0.8 * share(HEALTHY, id, at)));
  }

  @Test
  void anEndpointThatFailsFastGetsHardlyAnything() {
    String id = FLEET.endpoints().get(0).id();
    List<Observed> hit = runs(FLEET.withChanges(Faults.byName("fast-fail", FLEET).orElseThrow()));

    assertThat(share(hit, id, BEGIN + 30 * SECOND)).isLessThan(0.02);
    assertThat(share(HEALTHY, id, BEGIN + 30 * SECOND)).isGreaterThan(0.3);
  }

  @Test
  void oneEndpointMoreIsNeverWorseAndGetsItsShareWithoutAFlood() {
    EndpointSpec first = FLEET.endpoints().get(0);
    EndpointSpec more =
        new EndpointSpec(
            "more",
            first.gpu(),
            first.region(),
            first.models(),
            first.maxResidentModels(),
            first.weight(),
            first.maxConcurrency(),
            first.networkNanos());
    List<Observed> hit = runs(FLEET.withChanges(List.of(new FleetChange.Join(0.3, more))));

    assertThat(windows(BEGIN).mapToDouble(at -> slower(hit, at)))
        .allSatisfy(ratio -> assertThat(ratio).isLessThan(1.1));
    assertThat(slower(hit, BEGIN + 60 * SECOND)).as("it helps").isLessThan(0.9);
    windows(BEGIN)
        .forEach(
            at ->
                assertThat(share(hit, "more", at))
                    .as("no flood")
                    .isLessThan(1.1 * share(hit, "more", LAST - WINDOW_SECONDS * SECOND)));
    assertThat(share(hit, "more", BEGIN + 60 * SECOND)).as("no starvation").isGreaterThan(0.25);
  }
}
