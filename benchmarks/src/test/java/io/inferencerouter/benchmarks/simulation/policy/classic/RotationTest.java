package io.inferencerouter.benchmarks.simulation.policy.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.policy.classic.Rig.Sent;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The policies that take turns. */
class RotationTest {
  @Test
  void roundRobinVisitsEachOnceARound() {
    Rig rig = Rig.of(5).start(RoundRobin.policy());
    int[] shares = rig.shares(1);
    assertThat(shares).contains(1);
    assertThat(rig.shares(500)).containsOnly(100);
  }

  @Test
  void roundRobinGoesOnBehindTheOneItHadToSkip() {
    Rig rig = Rig.of(3).start(RoundRobin.policy());
    int first = rig.send().target().index();
    Target skipped = rig.targets.get((first + 1) % 3);
    Sent next = rig.send(Rig.request("", "", ""), List.of(skipped));
    assertThat(next.target().index()).isEqualTo((first + 2) % 3);
    assertThat(rig.send().target().index()).isEqualTo(first);
  }

  @Test
  void clientsBeginTheirRoundsAtDifferentEndpoints() {
    Set<Target> firsts = new HashSet<>();
    for (int seed = 0; seed < 40; seed++) {
      firsts.add(Rig.of(4).start(RoundRobin.policy(), seed).send().target());
    }
    assertThat(firsts.stream().map(Target::index)).contains(0, 1, 2, 3);
  }

  @Test
  void smoothWeightedRoundRobinGivesSharesByWeightWithoutBursts() {
    Rig rig = new Rig().add(0.5).add(1.5).add(0.5).start(SmoothWeightedRoundRobin.policy());
    int repeats = 0;
    int[] shares = new int[3];
    int before = -1;
    for (int i = 0; i < 500; i++) {
      int index = rig.send().target().index();
      shares[index]++;
      repeats += index == before && index != 1 ? 1 : 0;
      before = index;
    }
    assertThat(shares).containsExactly(100, 300, 100);
    assertThat(repeats).as("light endpoints chosen twice in a row").isZero();
  }

  @Test
  void envoysDeadlinesGiveIdleEndpointsSharesByWeight() {
    Rig rig = new Rig().add(1).add(3).start(EnvoyWeightedLeastRequest.policy());
    int[] shares = rig.shares(4_000);
    assertThat((double) shares[1] / shares[0]).isCloseTo(3, within(0.05));
  }

  @Test
  void envoysDeadlinesGiveABusyEndpointLess() {
    Rig rig = new Rig().add(1).add(1).start(EnvoyWeightedLeastRequest.policy());
    for (int i = 0; i < 9; i++) {
      rig.send(Rig.request("", "", ""), List.of(rig.targets.get(1)));
    }
    int[] shares = rig.shares(1_100);
    assertThat((double) shares[1] / shares[0]).isCloseTo(10, within(0.5));
  }

  @Test
  void nginxLeavesAnEndpointAloneForTenSecondsAfterOneRefusalAndThenTriesItOnce() {
    Rig rig = Rig.of(2).start(RoundRobin.policy());
    Target broken = rig.targets.get(0);
    failAt(rig, broken, Failure.REFUSED);
    assertThat(rig.shares(20)).containsExactly(0, 20);
    rig.advance(10 * Rig.SECOND + 1);
    Sent trial = sendTo(rig, broken);
    assertThat(rig.shares(20)).as("while it is tried").containsExactly(0, 20);
    trial.observer().firstToken();
    assertThat(rig.shares(20)).as("after it answered").containsExactly(10, 10);
  }

  @Test
  void nginxDoesNotMindAnErrorThatArrivesAsAnAnswer() {
    Rig rig = Rig.of(2).start(RoundRobin.policy());
    failAt(rig, rig.targets.get(0), Failure.ERROR);
    assertThat(rig.shares(20)).containsExactly(10, 10);
  }

  @Test
  void grpcIsRoundRobinUntilTheBlackoutIsOverAndThenFollowsTheReports() {
    Rig rig = Rig.of(2).start(GrpcWeightedRoundRobin.policy());
    int[] blackout = report(rig, 400, 20_000_000L);
    assertThat(blackout).as("in the blackout").containsExactly(200, 200);
    rig.advance(3 * Rig.SECOND);
    int[] after = report(rig, 400, 20_000_000L);
    assertThat((double) after[1] / after[0]).as("after it").isCloseTo(3, within(0.1));
  }

  @Test
  void grpcFallsBackToRoundRobinWhenReportsAreThreeMinutesOld() {
    Rig rig = Rig.of(2).start(GrpcWeightedRoundRobin.policy());
    report(rig, 1_200, 10_000_000L);
    assertThat(rig.shares(400)[1]).isGreaterThan(280);
    rig.advance(GrpcWeightedRoundRobin.EXPIRATION_NANOS);
    assertThat(rig.shares(400)).containsExactly(200, 200);
  }

  @Test
  void grpcCountsReportedErrorsAsUtilization() {
    Rig rig = Rig.of(2).start(GrpcWeightedRoundRobin.policy());
    LoadReport healthy =
        LoadReport.builder().requestsPerSecond(10).cpuUtilization(0.5).errorsPerSecond(0).build();
    LoadReport failing =
        LoadReport.builder().requestsPerSecond(10).cpuUtilization(0.5).errorsPerSecond(5).build();
    for (int i = 0; i < 1_200; i++) {
      Sent sent = rig.send();
      sent.finish(100, sent.target().index() == 0 ? failing : healthy);
      rig.advance(10_000_000L);
    }
    int[] shares = rig.shares(300);
    assertThat((double) shares[1] / shares[0]).isCloseTo(2, within(0.1));
  }

  @Test
  void staticStridesGiveTheMeanToTheUnknownAndBoundTheExtremes() {
    Candidates three = new Candidates(Rig.of(3).targets.toArray(Target[]::new));
    assertThat(picks(three, 1, 3, 0)).containsExactly(1_000, 3_000, 2_000);
    assertThat(picks(three, 0, 0, 0)).containsExactly(2_000, 2_000, 2_000);
    int[] extreme = picks(three, 0.001, 1, 1);
    assertThat((double) extreme[1] / extreme[0]).isCloseTo(15, within(0.5));
  }

  private static int[] picks(Candidates candidates, double... weights) {
    StaticStride strides = new StaticStride(weights.length, -1_000);
    strides.update(weights);
    int[] picks = new int[weights.length];
    for (int i = 0; i < 6_000; i++) {
      picks[strides.next(candidates)]++;
    }
    for (int i = 0; i < picks.length; i++) {
      picks[i] = (int) Math.round(picks[i] / 10.0) * 10;
    }
    return picks;
  }

  private static int[] report(Rig rig, int requests, long gapNanos) {
    int[] shares = new int[2];
    for (int i = 0; i < requests; i++) {
      Sent sent = rig.send();
      int index = sent.target().index();
      shares[index]++;
      sent.finish(
          100,
          LoadReport.builder()
              .requestsPerSecond(10)
              .applicationUtilization(index == 0 ? 0.9 : 0.3)
              .cpuUtilization(0.1)
              .build());
      rig.advance(gapNanos);
    }
    return shares;
  }

  private static void failAt(Rig rig, Target target, Failure failure) {
    sendTo(rig, target).fail(failure);
  }

  private static Sent sendTo(Rig rig, Target target) {
    for (int i = 0; i < 10; i++) {
      Sent sent = rig.send();
      if (sent.target() == target) {
        return sent;
      }
      sent.finish();
    }
    throw new AssertionError("never chosen: " + target);
  }
}
