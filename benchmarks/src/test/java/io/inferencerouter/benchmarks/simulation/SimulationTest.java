package io.inferencerouter.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Priority;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.fleet.Fleets;
import io.inferencerouter.benchmarks.simulation.measure.Recorder;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.LibraryPolicies;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.classic.ClassicPolicies;
import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import io.inferencerouter.benchmarks.simulation.workload.Workloads;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {
  private static final FleetSpec FLEET = Fleets.byName("mixed-4").orElseThrow();
  private static final long SECOND = 1_000_000_000L;

  private static RunResult run(Workload workload, FleetSpec fleet, int routers, Policy policy) {
    return run(workload, fleet, routers, policy, Recorder.NONE);
  }

  private static RunResult run(
      Workload workload, FleetSpec fleet, int routers, Policy policy, Recorder recorder) {
    Scenario scenario =
        new Scenario(workload, fleet, routers, 0, 0, Long.MAX_VALUE, 1, 0, 2, 2000, 100);
    return new Simulation(new Capacity()).run(scenario, policy, requests -> {}, recorder);
  }

  private record Given(List<SimulatedRequest> requests) implements Workload {
    @Override
    public String name() {
      return "given";
    }

    @Override
    public Kind kind() {
      return Kind.GENERATION;
    }

    @Override
    public Iterator<SimulatedRequest> iterator() {
      return requests.iterator();
    }
  }

  private static SimulatedRequest turn(long nanos, int turn, long thinkNanos) {
    return new SimulatedRequest(
        nanos,
        1000,
        100,
        "",
        "session",
        turn,
        "",
        Blocks.NONE,
        1000,
        0,
        0,
        thinkNanos,
        0,
        "",
        Priority.STANDARD);
  }

  @Test
  void aRequestLongAfterAllOthersIsServedToo() {
    Workload workload =
        new Given(
            List.of(
                SimulatedRequest.text(0, 100, 10), SimulatedRequest.text(900 * SECOND, 100, 10)));

    RunResult result = run(workload, FLEET, 1, LibraryPolicies.byDefault());

    assertThat(result.requests()).isEqualTo(2);
    assertThat(result.completed()).isEqualTo(2);
    assertThat(result.simSeconds()).isGreaterThan(900);
  }

  @Test
  void aTurnWaitsForTheAnswerBeforeItAndForItsReader() {
    long think = 7 * SECOND;
    Workload workload = new Given(List.of(turn(0, 0, 0), turn(1, 1, think), turn(2, 2, think)));
    List<Long> sent = new ArrayList<>();
    List<Long> answered = new ArrayList<>();
    run(
        workload,
        FLEET,
        1,
        LibraryPolicies.byDefault(),
        new Recorder() {
          @Override
          public void sent(long nowNanos, String endpoint, SimulatedRequest request) {
            sent.add(nowNanos);
          }

          @Override
          public void completed(
              long nowNanos, String endpoint, SimulatedRequest request, long arrival, long first) {
            answered.add(nowNanos);
          }
        });

    assertThat(sent).hasSize(3);
    assertThat(sent.get(1)).isEqualTo(answered.get(0) + think);
    assertThat(sent.get(2)).isEqualTo(answered.get(1) + think);
  }

  @Test
  void eachAttemptThatFailsIsTold() {
    FleetSpec fleet = FLEET.withChanges(Faults.byName("fast-fail", FLEET).orElseThrow());
    List<String> open = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    run(
        Workloads.byName("chat", 1, 2_000),
        fleet,
        1,
        LibraryPolicies.byDefault(),
        new Recorder() {
          @Override
          public void sent(long nowNanos, String endpoint, SimulatedRequest request) {
            open.add(endpoint);
          }

          @Override
          public void attemptFailed(long nowNanos, String endpoint, SimulatedRequest request) {
            open.remove(endpoint);
            failed.add(endpoint);
          }

          @Override
          public void completed(
              long nowNanos, String endpoint, SimulatedRequest request, long arrival, long first) {
            open.remove(endpoint);
          }
        });

    assertThat(open).isEmpty();
    assertThat(failed).isNotEmpty().containsOnly(FLEET.endpoints().get(0).id());
  }

  @Test
  void theSameSeedGivesTheSameResultWithManyRoutersAndFaults() {
    FleetSpec fleet =
        FLEET.withChanges(
            List.of(
                new FleetChange.Slow(0.3, FLEET.endpoints().get(0).id(), 3, 20),
                new FleetChange.ClientsRestart(0.5)));
    Policy[] policies = {LibraryPolicies.byDefault(), ClassicPolicies.all().get(0)};
    for (Policy policy : policies) {
      RunResult one = run(Workloads.byName("agents", 3, 300), fleet, 4, policy);
      RunResult other = run(Workloads.byName("agents", 3, 300), fleet, 4, policy);

      assertThat(one).usingRecursiveComparison().ignoringFields("wallSeconds").isEqualTo(other);
      assertThat(one.completed() + one.failed() + one.lost()).isEqualTo(300);
    }
  }

  @Test
  void noPolicyBeatsTheBoundOfItsScenario() {
    Workload workload = Workloads.byName("chat", 1, 600);
    Scenario scenario =
        new Scenario(workload, FLEET, 1, 0, 25, Long.MAX_VALUE, 1, 0.1, 2, 2000, 100);
    double bound = Simulation.bound(scenario).orElseThrow().e2eMillis().p99();
    RunResult result =
        new Simulation(new Capacity()).run(scenario, LibraryPolicies.byDefault(), requests -> {});

    assertThat(bound).isGreaterThan(1000).isLessThan(result.e2eMillis().p99());
  }

  @Test
  void theRateStretchesTheTimesOfAWorkload() {
    Workload workload = Workloads.byName("chat", 1, 400);
    Scenario scenario =
        new Scenario(workload, FLEET, 1, 0, 20, Long.MAX_VALUE, 1, 0.1, 2, 2000, 100);

    assertThat(Simulation.length(scenario).toMillis()).isEqualTo(399 * 1000 / 20);
  }

  @Test
  void saturationAndWeightsAreThoseOfTheWorkloadWithItsSeed() {
    Capacity shared = new Capacity();
    double first = shared.requestsPerSecond(Workloads.byName("chat", 1, 500), FLEET);
    double second = shared.requestsPerSecond(Workloads.byName("chat", 2, 500), FLEET);

    assertThat(second)
        .isNotEqualTo(first)
        .isEqualTo(new Capacity().requestsPerSecond(Workloads.byName("chat", 2, 500), FLEET));
  }
}
