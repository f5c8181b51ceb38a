package io.inferencerouter.benchmarks.simulation.policy.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.policy.classic.Rig.Sent;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every classic policy. */
class ClassicPoliciesContractTest {
  private static final long MILLISECOND = 1_000_000;

  static List<Policy> policies() {
    return ClassicPolicies.all();
  }

  @Test
  void theNamesAreTheKnownOnesInAStableOrder() {
    assertThat(ClassicPolicies.all())
        .extracting(Policy::name)
        .containsExactly(
            "random",
            "round-robin",
            "weighted-round-robin",
            "least-connections",
            "weighted-least-connections",
            "power-of-two",
            "peak-ewma",
            "envoy-least-request",
            "envoy-weighted-least-request",
            "grpc-wrr-orca",
            "prequal",
            "litellm-lowest-latency",
            "litellm-least-busy",
            "session-hash",
            "session-hash-bounded");
  }

  @Test
  void thoseThatAreToldWeightsOrLoadsSaySo() {
    assertThat(ClassicPolicies.all())
        .filteredOn(policy -> policy.standing() == Policy.Standing.INFORMED_RIVAL)
        .extracting(Policy::name)
        .containsExactlyInAnyOrder(
            "weighted-round-robin",
            "weighted-least-connections",
            "envoy-weighted-least-request",
            "grpc-wrr-orca",
            "prequal");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void onlyEndpointsThatServeTheModelInTheRegionAreChosen(Policy policy) {
    Rig rig = new Rig();
    for (String region : List.of("east", "west")) {
      rig.add(1, region, List.of("a"));
      rig.add(2, region, List.of("a", "b"));
      rig.add(1, region, List.of());
    }
    rig.start(policy);
    Set<Target> chosen = new HashSet<>();
    for (int i = 0; i < 400; i++) {
      Sent sent = rig.send(Rig.request("b", "west", "s" + i), List.of());
      assertThat(sent.target().spec().region()).isEqualTo("west");
      assertThat(sent.target().index()).isIn(4, 5);
      chosen.add(sent.target());
      Sent next = rig.send(Rig.request("b", "", "s" + i), List.of());
      assertThat(next.target().index()).isIn(1, 2, 4, 5);
      Sent other = rig.send(Rig.request("b", "west", "t" + i), List.of());
      chosen.add(other.target());
      rig.advance(MILLISECOND);
      sent.finish();
      next.finish();
      other.finish();
    }
    assertThat(chosen).hasSize(2);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void aRequestThatNobodyServesIsShed(Policy policy) {
    Rig rig = new Rig().add(1, "east", List.of("a")).add(1, "east", List.of("a")).start(policy);
    assertThat(rig.offer(Rig.request("b", "", "s"), List.of())).isNull();
    assertThat(rig.offer(Rig.request("a", "west", "s"), List.of())).isNull();
    assertThat(rig.offer(Rig.request("a", "east", "s"), List.of())).isNotNull();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void excludedEndpointsAreAvoidedWhileThereIsAnother(Policy policy) {
    Rig rig = Rig.of(4).start(policy);
    List<Target> excluded = List.of(rig.targets.get(0), rig.targets.get(2));
    for (int i = 0; i < 300; i++) {
      SimulatedRequest request = Rig.request("", "", "s" + i);
      Sent sent = rig.send(request, excluded);
      assertThat(sent.target().index()).isIn(1, 3);
      assertThat(rig.offer(request, rig.targets)).isNotNull();
      rig.advance(MILLISECOND);
      sent.finish();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void countsReturnToZeroHoweverRequestsEnd(Policy policy) {
    Rig rig = Rig.of(5).start(policy);
    List<Sent> inFlight = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      inFlight.add(rig.send(Rig.request("", "", "s" + i), List.of()));
      rig.advance(MILLISECOND);
    }
    assertThat(total(rig)).isEqualTo(60);
    for (int i = 0; i < inFlight.size(); i++) {
      Sent sent = inFlight.get(i);
      sent.observer().firstToken();
      switch (i % 4) {
        case 0 -> sent.finish();
        case 1 -> sent.fail(Failure.ERROR);
        case 2 -> sent.fail(Failure.REFUSED);
        default -> sent.observer().cancelled();
      }
      sent.observer().cancelled();
      sent.finish();
      sent.fail(Failure.RESET);
      assertThat(total(rig)).isEqualTo(60 - i - 1);
    }
    for (Target target : rig.targets) {
      assertThat(rig.outstanding(target)).isZero();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void theSameSeedMakesTheSameChoices(Policy policy) {
    assertThat(choices(policy, 11)).isEqualTo(choices(policy, 11));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void endpointsThatLeftAreNotChosenAndNewOnesAre(Policy policy) {
    Rig rig = Rig.of(4).start(policy);
    Sent early = rig.send();
    for (int i = 0; i < 50; i++) {
      rig.send(Rig.request("", "", "s" + i), List.of()).finish();
    }
    rig.add(1).add(1);
    Target gone = early.target();
    List<Target> now = new ArrayList<>(rig.targets);
    now.remove(gone);
    rig.balancer().targets(now);
    assertThat(rig.outstanding(gone)).isEqualTo(1);
    Set<Target> chosen = new HashSet<>();
    List<Sent> inFlight = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Sent sent = rig.send(Rig.request("", "", "t" + i), List.of());
      chosen.add(sent.target());
      inFlight.add(sent);
      rig.advance(MILLISECOND);
      if (i >= 20) {
        inFlight.get(i - 20).finish();
      }
    }
    assertThat(chosen).containsExactlyInAnyOrderElementsOf(now);
    early.finish();
    assertThat(rig.outstanding(gone)).isZero();
    assertThat(total(rig)).isEqualTo(20);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void nothingBreaksWhenEveryoneLeavesAndComesBack(Policy policy) {
    Rig rig = Rig.of(3).start(policy);
    List<Sent> inFlight = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      inFlight.add(rig.send());
    }
    rig.balancer().targets(List.of());
    assertThat(rig.offer(Rig.request("", "", ""), List.of())).isNull();
    rig.advance(5 * Rig.SECOND);
    inFlight.get(0).fail(Failure.RESET);
    for (Sent sent : inFlight) {
      sent.finish();
    }
    assertThat(total(rig)).isZero();
    rig.balancer().targets(rig.targets);
    assertThat(rig.offer(Rig.request("", "", ""), List.of())).isNotNull();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void equalEndpointsGetEqualShares(Policy policy) {
    int[] shares = new int[8];
    for (int index : choices(policy, 5)) {
      shares[index]++;
    }
    for (int share : shares) {
      assertThat(share).isBetween(375, 625);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void nothingIsLeftInTheLoopAfterItWasClosed(Policy policy) {
    Rig rig = Rig.of(4).start(policy);
    rig.send();
    rig.advance(3 * Rig.SECOND);
    rig.balancer().close();
    assertThat(rig.runsDry()).isTrue();
    assertThat(rig.loop.nanos()).isLessThan(10 * Rig.SECOND);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void aFleetThatRefusesEverythingIsStillTried(Policy policy) {
    Rig rig = Rig.of(3).start(policy);
    for (int i = 0; i < 200; i++) {
      rig.send(Rig.request("", "", "s" + i), List.of()).fail(Failure.REFUSED);
      rig.advance(10 * MILLISECOND);
    }
    assertThat(total(rig)).isZero();
  }

  /** Always 16 requests in flight, each of which takes 100 ms, before 8 endpoints. */
  private static List<Integer> choices(Policy policy, long seed) {
    Rig rig = Rig.of(8).start(policy, seed);
    List<Integer> choices = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      Sent sent = rig.send(Rig.request("", "", "session-" + i), List.of());
      int index = sent.target().index();
      choices.add(index);
      rig.servers.get(index).running++;
      rig.loop.after(
          100 * MILLISECOND,
          () -> {
            rig.servers.get(index).running--;
            sent.finish();
          });
      rig.advance(100 * MILLISECOND / 16);
    }
    return choices;
  }

  private static int total(Rig rig) {
    int total = 0;
    for (Target target : rig.targets) {
      total += rig.outstanding(target);
    }
    return total;
  }
}
