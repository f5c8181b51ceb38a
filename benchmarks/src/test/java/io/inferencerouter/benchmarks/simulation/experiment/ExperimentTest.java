package io.inferencerouter.benchmarks.simulation.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.fleet.Fleets;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentTest {
  private static final Policy OURS = Samples.policy("default", Standing.OURS);
  private static final Policy RIVAL = Samples.policy("rival", Standing.RIVAL);
  private static final FaultSource CALM = new FaultSource(Faults.NONE, fleet -> List.of());
  private static final WorkloadSource CHAT =
      new WorkloadSource("chat", "chat 10", seed -> Samples.workload("chat", 10));

  @TempDir Path folder;

  private static SaturationCache saturation(double rate) {
    return new SaturationCache((workload, fleet) -> rate, Optional.empty(), note -> {});
  }

  private static List<Trial> trials() {
    return new Design(
            List.of(CHAT),
            List.of(Fleets.byName("equal-4").orElseThrow()),
            List.of(CALM),
            List.of(1, 16),
            List.of(0.5, 0.7),
            List.of(),
            List.of(OURS, RIVAL),
            List.of(1L, 2L),
            100,
            Objectives.DEFAULT)
        .trials(saturation(40));
  }

  @Test
  void everythingIsRunWithEverything() {
    List<Trial> trials = trials();

    assertThat(trials).hasSize(16).extracting(Trial::toString).doesNotHaveDuplicates();
    assertThat(trials.get(0)).hasToString("chat on equal-4, 1 router, load 0.5, default, seed 1");
    assertThat(trials.get(15)).hasToString("chat on equal-4, 16 routers, load 0.7, rival, seed 2");
    assertThat(trials.get(15).scenario().rate()).isEqualTo(28);
  }

  @Test
  void resultsAreInTheSameOrderWhateverThreadsThereAre() throws InterruptedException {
    List<Trial> trials = trials();
    CountDownLatch lastIsDone = new CountDownLatch(1);
    Outcome<Row> outcome =
        new Experiment(
                (scenario, policy, progress) -> {
                  if (scenario.routers() == 1
                      && scenario.load() == 0.5
                      && scenario.seed() == 1
                      && policy == OURS) {
                    // The first ends after another, which begins later
                    await(lastIsDone);
                  } else {
                    lastIsDone.countDown();
                  }
                  return Samples.result(scenario, policy.name(), 100, 0);
                },
                new Workers(2))
            .run(trials, Progress.NONE);

    assertThat(outcome.isPartial()).isFalse();
    assertThat(outcome.results())
        .extracting(Row::title)
        .isEqualTo(trials.stream().map(Trial::toString).toList());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFailureStopsWhatHasNotBegunAndKeepsWhatIsDone() {
    AtomicInteger begun = new AtomicInteger();
    Outcome<Row> outcome =
        new Experiment(
                (scenario, policy, progress) -> {
                  if (begun.incrementAndGet() == 3) {
                    throw new IllegalStateException("broken");
                  }
                  return Samples.result(scenario, policy.name(), 100, 0);
                },
                new Workers(1))
            .run(trials(), Progress.NONE);

    assertThat(begun).hasValue(3);
    assertThat(outcome.results()).hasSize(2);
    assertThat(outcome.total()).isEqualTo(16);
    assertThat(outcome.failure().orElseThrow().run())
        .isEqualTo("chat on equal-4, 1 router, load 0.5, rival, seed 1");
    assertThat(outcome.failure().orElseThrow().reason()).isEqualTo("broken");
  }

  @Test
  void progressCountsRequestsAndRuns() {
    AtomicLong requests = new AtomicLong();
    AtomicInteger runs = new AtomicInteger();
    Progress progress =
        new Progress() {
          @Override
          public void arrived(long more) {
            requests.addAndGet(more);
          }

          @Override
          public void finished() {
            runs.incrementAndGet();
          }
        };
    new Experiment(
            (scenario, policy, counter) -> {
              counter.accept(4);
              counter.accept(10);
              return Samples.result(scenario, policy.name(), 100, 0);
            },
            new Workers(2))
        .run(trials(), progress);

    assertThat(runs).hasValue(16);
    assertThat(requests).hasValue(160);
  }

  @Test
  void saturationIsMeasuredOnceAndKeptInAFile() throws Exception {
    List<String> notes = new ArrayList<>();
    AtomicInteger measured = new AtomicInteger();
    Saturation measuring =
        (workload, fleet) -> {
          measured.incrementAndGet();
          return 12.5;
        };
    FleetSpec fleet = Fleets.byName("equal-4").orElseThrow();
    SaturationCache first = new SaturationCache(measuring, Optional.of(folder), notes::add);
    first.requestsPerSecond(CHAT, fleet);
    first.requestsPerSecond(CHAT, fleet.withChanges(Faults.byName("crash", fleet).orElseThrow()));
    SaturationCache second = new SaturationCache(measuring, Optional.of(folder), notes::add);

    assertThat(second.requestsPerSecond(CHAT, fleet)).isEqualTo(12.5);
    assertThat(measured).hasValue(1);
    assertThat(notes)
        .containsExactly(
            "saturation of equal-4 on chat: 12.50 requests/s",
            "saturation of equal-4 on chat: 12.50 requests/s (measured before)");

    second.requestsPerSecond(CHAT, Fleets.byName("mixed-4").orElseThrow());
    assertThat(measured).hasValue(2);

    // What cannot be understood is measured anew
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.writeString(file, "nonsense");
      }
    }
    new SaturationCache(measuring, Optional.of(folder), notes::add).requestsPerSecond(CHAT, fleet);
    assertThat(measured).hasValue(3);
  }

  @Test
  void aSaturationThatIsNoNumberIsRefused() {
    assertThatThrownBy(
            () ->
                saturation(Double.NaN)
                    .requestsPerSecond(CHAT, Fleets.byName("equal-4").orElseThrow()))
        .hasMessageContaining("saturation of equal-4 on chat: NaN");
  }

  @Test
  void theHighestLoadIsFoundByHalving() {
    Trial trial = new Trial(Samples.scenario(1), OURS, Faults.NONE);
    Runner runner =
        (scenario, policy, progress) ->
            Samples.result(scenario, policy.name(), scenario.load() * 10_000, 0);
    // The time to the first output is a tenth of the result's time: 800 ms at a load of 0.8
    SustainableLoad.Found found =
        new SustainableLoad(runner, new Workers(1), 800)
            .search(List.of(trial), Progress.NONE)
            .results()
            .get(0);

    assertThat(found.load()).isBetween(0.79, 0.8);
    assertThat(found.rate())
        .isCloseTo(found.load() * 20, org.assertj.core.data.Offset.offset(1e-9));
  }

  @Test
  void aLoadThatLosesRequestsIsTooHigh() {
    Trial trial = new Trial(Samples.scenario(1), OURS, Faults.NONE);
    Runner runner =
        (scenario, policy, progress) ->
            Samples.result(scenario, policy.name(), 1, scenario.load() > 0.5 ? 1 : 0);

    assertThat(
            new SustainableLoad(runner, new Workers(1), 800)
                .search(List.of(trial), Progress.NONE)
                .results()
                .get(0)
                .load())
        .isEqualTo(0.5);
  }
}
