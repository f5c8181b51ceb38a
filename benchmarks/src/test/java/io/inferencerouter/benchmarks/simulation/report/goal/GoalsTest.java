package io.inferencerouter.benchmarks.simulation.report.goal;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Recoveries;
import io.inferencerouter.benchmarks.simulation.experiment.Replay;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import io.inferencerouter.benchmarks.simulation.experiment.Samples;
import io.inferencerouter.benchmarks.simulation.experiment.Timelines;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.fleet.Fleets;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GoalsTest {
  private static final Policy DEFAULT = Samples.policy("default", Standing.OURS);
  private static final Policy RIVAL = Samples.policy("quick", Standing.RIVAL);
  private static final int REQUESTS = 12_000;

  private static Scenario scenario(String fleetName, int routers, String fault) {
    return scenario(fleetName, routers, fault, 1);
  }

  private static Scenario scenario(String fleetName, int routers, String fault, long seed) {
    FleetSpec fleet = Fleets.byName(fleetName).orElseThrow();
    return Scenario.atLoad(
        Samples.workload("chat", REQUESTS),
        fleet.withChanges(Faults.byName(fault, fleet).orElseThrow()),
        routers,
        0.85,
        60,
        seed);
  }

  private static List<Row> rows(double ours, double rival) {
    List<Row> rows = new ArrayList<>();
    rows.addAll(Samples.rows(DEFAULT, ours));
    rows.addAll(Samples.rows(RIVAL, rival));
    return rows;
  }

  private static Goal goal(List<Goal> goals, String title) {
    return goals.stream().filter(goal -> goal.title().startsWith(title)).findFirst().orElseThrow();
  }

  private static List<Goal> goals(List<Row> rows, Timelines timelines, Replay replay) {
    return Goals.of(new Comparison(rows), timelines, new Recoveries(timelines), replay);
  }

  private static List<Goal> goals(List<Row> rows) {
    Replay replay = (trial, recorder) -> Samples.result(trial.scenario(), "default", 1, 0);
    return goals(rows, new Timelines(List.of(), rows, replay), replay);
  }

  @Test
  void theRowsDecide() {
    Goal met = goal(goals(rows(100, 100)), "P99 end-to-end to the best rival, 1 router");
    assertThat(met.verdict()).isEqualTo(Goal.Verdict.MET);
    assertThat(met.measured())
        .startsWith(
            "median 1.000, worst 1.000 ±0.00 (chat on equal-4, 1 router, load 0.7, to quick)");

    Goal missed = goal(goals(rows(100.1, 100)), "P99 end-to-end to the best rival, 1 router");
    assertThat(missed.verdict()).isEqualTo(Goal.Verdict.MISSED);
    assertThat(missed.measured()).startsWith("median 1.001");
  }

  @Test
  void whoFailsTooManyDoesNotReachAGoal() {
    List<Row> rows = new ArrayList<>(Samples.rows(RIVAL, 100));
    rows.add(Samples.row(Samples.scenario(1), DEFAULT, 10, 11));
    Goal goal = goal(goals(rows), "P99 end-to-end to the best rival, 1 router");

    assertThat(goal.verdict()).isEqualTo(Goal.Verdict.MISSED);
    assertThat(goal.measured())
        .isEqualTo(
            "median ∞, worst ∞ ±0.00 (chat on equal-4, 1 router, load 0.7, to quick) of 1; above"
                + " 1.20 in 1, in 1 by more than the noise");
  }

  @Test
  void whatNoRunTellsIsNotMet() {
    List<Goal> goals = goals(rows(1, 100));
    assertThat(goal(goals, "P99 end-to-end to the best rival, 16 routers").verdict())
        .isEqualTo(Goal.Verdict.NOT_RUN);
    assertThat(goal(goals, "1,000 endpoints").verdict()).isEqualTo(Goal.Verdict.NOT_RUN);
    assertThat(goal(goals, "Same seed").verdict()).isEqualTo(Goal.Verdict.NOT_RUN);
    assertThat(Goals.summary(goals)).startsWith(goals.size() + " goals: ");
  }

  @Test
  void filesThatAreWrongAreRefused() {
    Goal goal = goal(goals(List.of()), "A malformed line");
    assertThat(goal.measured()).isEqualTo("4 of 4 refused so");
    assertThat(goal.verdict()).isEqualTo(Goal.Verdict.MET);
  }

  /** Goals of runs that send request i to an endpoint. */
  private static List<Goal> goals(Scenario scenario, String fault, IntFunction<String> endpoint) {
    List<Trial> trials =
        LongStream.rangeClosed(1, 3)
            .mapToObj(seed -> scenario(scenario.fleet().name(), 1, fault, seed))
            .map(seeded -> new Trial(seeded, DEFAULT, fault))
            .toList();
    List<Row> rows =
        trials.stream()
            .map(
                trial ->
                    new Row(
                        Samples.result(trial.scenario(), "default", 1, 0), Standing.OURS, fault))
            .toList();
    Replay replay =
        (trial, recorder) -> {
          SimulatedRequest request = scenario.workload().iterator().next();
          long step = Math.round(1e9 / scenario.rate());
          boolean isHealthy = trial.faults().equals(Faults.NONE) && !fault.equals(Faults.NONE);
          for (int i = 0; i < REQUESTS; i++) {
            long now = i * step;
            String to = isHealthy ? turn(scenario, i) : endpoint.apply(i);
            recorder.sent(now, to, request);
            recorder.completed(now + step, to, request, now, now + step);
          }
          return Samples.result(trial.scenario(), "default", 1, 0);
        };
    return goals(rows, new Timelines(trials, rows, replay), replay);
  }

  private static String turn(Scenario scenario, int i) {
    return scenario.fleet().endpoints().get(i % scenario.fleet().endpoints().size()).id();
  }

  @Test
  void allToOneAfterTheClientsRestartIsAHerd() {
    Scenario scenario = scenario("equal-8", 1, "clients-restart");
    String first = turn(scenario, 0);
    String title = "No herd";

    List<Goal> even = goals(scenario, "clients-restart", i -> turn(scenario, i));
    assertThat(goal(even, title).verdict()).isEqualTo(Goal.Verdict.MET);
    assertThat(goal(even, "Same seed").verdict()).isEqualTo(Goal.Verdict.MET);
    List<Goal> herd =
        goals(
            scenario,
            "clients-restart",
            i -> i >= REQUESTS / 2 && i < REQUESTS / 2 + 40 ? first : turn(scenario, i));
    assertThat(goal(herd, title).verdict()).isEqualTo(Goal.Verdict.MISSED);
    assertThat(goal(herd, title).measured()).startsWith("most 4.50 times (12.5 % to 56.3 %; chat");
    List<Goal> run =
        goals(
            scenario,
            "clients-restart",
            i -> i >= REQUESTS / 2 && i < REQUESTS / 2 + 10 ? first : turn(scenario, i));
    assertThat(goal(run, title).verdict()).isEqualTo(Goal.Verdict.MISSED);
  }

  @Test
  void everyChangeOfTheFleetCanMakeAHerd() {
    Scenario scenario = scenario("drain", 1, Faults.NONE);
    String last = turn(scenario, 7);
    int third = 7 * REQUESTS / 10;

    assertThat(goal(goals(scenario, Faults.NONE, i -> turn(scenario, i)), "No herd").verdict())
        .isEqualTo(Goal.Verdict.MET);
    IntFunction<String> herd = i -> i >= third && i < third + 40 ? last : turn(scenario, i);
    assertThat(goal(goals(scenario, Faults.NONE, herd), "No herd").verdict())
        .isEqualTo(Goal.Verdict.MISSED);
  }

  @Test
  void aSlowEndpointHasToGetLessAndThenAsMuchAsBefore() {
    Scenario scenario = scenario("equal-8", 1, Faults.SLOW_ONE);
    String title = "One endpoint 3 times slower";
    int begin = 3 * REQUESTS / 10;
    int end = begin + (int) (60 * scenario.rate());
    String other = turn(scenario, 1);

    IntFunction<String> good = i -> i > begin && i < end && i % 16 == 0 ? other : turn(scenario, i);
    assertThat(goal(goals(scenario, Faults.SLOW_ONE, good), title).verdict())
        .isEqualTo(Goal.Verdict.MET);
    IntFunction<String> blind = i -> turn(scenario, i);
    assertThat(goal(goals(scenario, Faults.SLOW_ONE, blind), title).verdict())
        .isEqualTo(Goal.Verdict.MISSED);
    IntFunction<String> grudging = i -> i > begin && i % 16 == 0 ? other : turn(scenario, i);
    assertThat(goal(goals(scenario, Faults.SLOW_ONE, grudging), title).verdict())
        .isEqualTo(Goal.Verdict.MISSED);
  }

  @Test
  void theSlowestEndpointHasToBeVisited() {
    Scenario scenario = scenario("wild-8", 1, Faults.NONE);
    String fastest = turn(scenario, 0);
    String title = "The slowest endpoint";

    assertThat(goal(goals(scenario, Faults.NONE, i -> turn(scenario, i)), title).verdict())
        .isEqualTo(Goal.Verdict.MET);
    Goal starved =
        goal(goals(scenario, Faults.NONE, i -> i % 8 == 7 ? fastest : turn(scenario, i)), title);
    assertThat(starved.verdict()).isEqualTo(Goal.Verdict.MISSED);
    assertThat(starved.measured()).contains("share of all 0.0 %");

    IntFunction<String> seldom = i -> i % 8 == 7 && i % 1_600 != 7 ? fastest : turn(scenario, i);
    List<Goal> tried = goals(scenario, Faults.NONE, seldom);
    assertThat(goal(tried, title + " of a wild fleet is not starved").verdict())
        .isEqualTo(Goal.Verdict.MISSED);
    assertThat(goal(tried, title + " of a wild fleet is tried again").verdict())
        .isEqualTo(Goal.Verdict.MET);
  }

  @Test
  void anEndpointThatComesBackIsNeitherFloodedNorStarved() {
    Scenario scenario = scenario("equal-8", 1, "restart");
    int end = 3 * REQUESTS / 10 + (int) (20 * scenario.rate());
    String hit = turn(scenario, 0);
    String other = turn(scenario, 1);
    String title = "Gray failure, fast failure, throttling, cold restart, one endpoint more: no";

    IntFunction<String> good = i -> turn(scenario, i);
    Goal met = goal(goals(scenario, "restart", good), title);
    assertThat(met.verdict()).isEqualTo(Goal.Verdict.MET);
    assertThat(met.measured())
        .isEqualTo("first, most, least: 1.00, 1.00, 1.00 (" + setting("restart") + ")");
    IntFunction<String> flooded = i -> i > end && i % 8 == 1 ? hit : turn(scenario, i);
    assertThat(goal(goals(scenario, "restart", flooded), title).verdict())
        .isEqualTo(Goal.Verdict.MISSED);
    IntFunction<String> starved = i -> i > end && i % 16 == 0 ? other : turn(scenario, i);
    assertThat(goal(goals(scenario, "restart", starved), title).verdict())
        .isEqualTo(Goal.Verdict.MISSED);
    IntFunction<String> sink =
        i -> i < end && i > 3 * REQUESTS / 10 && i % 8 == 1 ? hit : turn(scenario, i);
    assertThat(goal(goals(scenario, "restart", sink), title).verdict())
        .isEqualTo(Goal.Verdict.MISSED);
  }

  private static String setting(String fault) {
    return "chat on equal-8, 1 router, load 0.85, " + fault;
  }

  @Test
  void aRunThatIsNotTheSameTwiceIsFound() {
    Scenario scenario = scenario("wild-8", 1, Faults.NONE);
    Trial trial = new Trial(scenario, DEFAULT, Faults.NONE);
    List<Row> rows =
        List.of(new Row(Samples.result(scenario, "default", 1, 0), Standing.OURS, Faults.NONE));
    Replay replay = (any, recorder) -> Samples.result(scenario, "default", Math.nextUp(1.0), 0);
    List<Goal> goals = goals(rows, new Timelines(List.of(trial), rows, replay), replay);
    assertThat(goal(goals, "Same seed").verdict()).isEqualTo(Goal.Verdict.MISSED);
  }
}
