package io.inferencerouter.benchmarks.simulation.policy.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.policy.classic.Rig.Sent;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The policies that go by counts and latencies of their own requests. */
class LeastLoadedTest {
  private static final long MILLISECOND = 1_000_000;

  @Test
  void leastConnectionsFillsEveryoneBeforeAnyoneGetsTheNext() {
    Rig rig = Rig.of(6).start(LeastConnections.policy());
    for (int round = 1; round <= 5; round++) {
      for (int i = 0; i < 6; i++) {
        rig.send();
      }
      for (Target target : rig.targets) {
        assertThat(rig.outstanding(target)).isEqualTo(round);
      }
    }
  }

  @Test
  void leastConnectionsBreaksTiesAtRandom() {
    for (int share : Rig.of(4).start(LeastConnections.policy()).shares(4_000)) {
      assertThat(share).isBetween(900, 1_100);
    }
  }

  @Test
  void liteLlmLeastBusyBreaksTiesInFavourOfTheFirst() {
    Rig rig = Rig.of(4).start(LiteLlmLeastBusy.policy());
    assertThat(rig.shares(100)).containsExactly(100, 0, 0, 0);
    rig.send();
    assertThat(rig.shares(100)).containsExactly(0, 100, 0, 0);
  }

  @Test
  void weightedLeastConnectionsHoldsRequestsInProportionToTheWeights() {
    Rig rig = new Rig().add(0.5).add(1.5).start(LeastConnections.weightedPolicy());
    assertThat(rig.shares(10)).as("idle").containsExactly(0, 10);
    for (int i = 0; i < 80; i++) {
      rig.send();
    }
    assertThat(rig.outstanding(rig.targets.get(0))).isBetween(19, 21);
  }

  @Test
  void powerOfTwoNeverTakesTheMostLoadedAndTreatsBothDrawsAlike() {
    Rig rig = Rig.of(4).start(PowerOfTwo.policy());
    load(rig, rig.targets.get(2), 3);
    int[] shares = rig.shares(6_000);
    assertThat(shares[2]).isZero();
    for (int index : List.of(0, 1, 3)) {
      assertThat(shares[index]).isBetween(1_850, 2_150);
    }
  }

  @Test
  void envoyMayDrawTheSameEndpointTwice() {
    Rig rig = Rig.of(2).start(EnvoyLeastRequest.policy());
    load(rig, rig.targets.get(0), 3);
    assertThat(rig.shares(8_000)[0] / 8_000.0).isCloseTo(0.25, within(0.02));
  }

  @Test
  void peakEwmaShunsAPeakAtOnceAndForgivesWithItsDecay() {
    Rig rig = Rig.of(2).start(PeakEwma.policy());
    warm(rig, 100 * MILLISECOND);
    Target slow = rig.targets.get(0);
    Sent peak = rig.send(Rig.request("", "", ""), List.of(rig.targets.get(1)));
    rig.advance(2 * Rig.SECOND);
    peak.finish();
    Sent usual = rig.send(Rig.request("", "", ""), List.of(slow));
    rig.advance(100 * MILLISECOND);
    usual.finish();
    assertThat(rig.shares(50)[0]).as("just after the peak").isZero();
    keepAlive(rig, rig.targets.get(1), 20);
    assertThat(rig.shares(50)[0]).as("20 s later").isZero();
    keepAlive(rig, rig.targets.get(1), 20);
    assertThat(rig.shares(50)[0]).as("40 s later").isPositive();
  }

  @Test
  void peakEwmaCountsRequestsInFlightTimesTheLatency() {
    Rig rig = Rig.of(2).start(PeakEwma.policy());
    warm(rig, 100 * MILLISECOND);
    load(rig, rig.targets.get(0), 1);
    for (int i = 0; i < 50; i++) {
      assertThat(rig.outstanding(rig.targets.get(0))).isEqualTo(1);
      Sent sent = rig.send();
      assertThat(sent.target().index()).isEqualTo(1);
      rig.advance(90 * MILLISECOND);
      sent.finish();
    }
  }

  @Test
  void peakEwmaGivesANewEndpointOneRequestUntilItsFirstAnswer() {
    Rig rig = Rig.of(2);
    rig.start(PeakEwma.policy());
    warm(rig, 100 * MILLISECOND);
    rig.add(1);
    rig.balancer().targets(rig.targets);
    Target fresh = rig.targets.get(2);
    int offered = 0;
    for (int i = 0; i < 100; i++) {
      Sent sent = rig.send();
      if (sent.target() == fresh) {
        offered++;
      } else {
        rig.advance(MILLISECOND);
        sent.finish();
      }
    }
    assertThat(offered).isEqualTo(1);
  }

  @Test
  void finagleMarksAnEndpointDeadAfterFiveFailuresInARow() {
    Rig rig = Rig.of(2).start(PeakEwma.policy());
    warm(rig, 100 * MILLISECOND);
    List<Target> other = List.of(rig.targets.get(1));
    for (int i = 0; i < 4; i++) {
      rig.send(Rig.request("", "", ""), other).fail(Failure.ERROR);
    }
    assertThat(rig.shares(40)[0]).as("after four").isPositive();
    for (int i = 0; i < 5; i++) {
      rig.send(Rig.request("", "", ""), other).fail(Failure.ERROR);
    }
    assertThat(rig.shares(40)[0]).as("after five").isZero();
    rig.advance(2 * Rig.SECOND);
    assertThat(rig.shares(40)[0]).as("2 s later").isZero();
    rig.advance(6 * Rig.SECOND);
    assertThat(rig.shares(40)[0]).as("8 s later").isPositive();
  }

  @Test
  void liteLlmTriesTheUnknownFirstAndThenOnlyTheFastestPerToken() {
    Rig rig = Rig.of(3).start(LiteLlmLowestLatency.policy());
    List<Sent> first = new ArrayList<>();
    for (int tried = 0; tried < 3; tried++) {
      Sent sent = rig.send(Rig.request("", "", ""), chosen(first));
      first.add(sent);
    }
    rig.advance(Rig.SECOND);
    for (Sent sent : first) {
      sent.finish(sent.target().index() == 1 ? 400 : 100, Rig.NO_REPORT);
    }
    for (int i = 0; i < 30; i++) {
      assertThat(rig.send().target().index()).isEqualTo(1);
    }
  }

  @Test
  void liteLlmForgetsAllButTheLastTenLatencies() {
    Rig rig = Rig.of(2).start(LiteLlmLowestLatency.policy());
    finishAt(rig, 0, 1, Rig.SECOND);
    finishAt(rig, 1, 1, 2 * Rig.SECOND);
    assertThat(rig.send().target().index()).isZero();
    finishAt(rig, 1, 9, Rig.SECOND / 2);
    assertThat(rig.send().target().index()).as("mean of 2 and nine times 0.5").isEqualTo(1);
    finishAt(rig, 0, 10, Rig.SECOND / 2);
    assertThat(rig.send().target().index()).as("0.5 against 0.65").isZero();
  }

  @Test
  void liteLlmCoolsADeploymentForFiveSecondsWhenMostOfAMinuteFailed() {
    Rig rig = Rig.of(2).start(LiteLlmLeastBusy.policy());
    List<Target> other = List.of(rig.targets.get(1));
    rig.send(Rig.request("", "", ""), other).fail(Failure.ERROR);
    assertThat(rig.send().target().index()).as("one failure alone").isZero();
    rig.send(Rig.request("", "", ""), other).fail(Failure.ERROR);
    assertThat(rig.shares(10)).as("two of two").containsExactly(0, 10);
    rig.advance(5 * Rig.SECOND + 1);
    assertThat(rig.send(Rig.request("", "", ""), List.of()).target().index()).isNotNegative();
    assertThat(rig.shares(10)[0]).as("after the cooldown").isPositive();
  }

  private static List<Target> chosen(List<Sent> sent) {
    return sent.stream().map(Sent::target).toList();
  }

  private static void finishAt(Rig rig, int index, int requests, long nanos) {
    List<Target> other = List.of(rig.targets.get(1 - index));
    for (int i = 0; i < requests; i++) {
      Sent sent = rig.send(Rig.request("", "", ""), other);
      rig.advance(nanos);
      sent.finish();
    }
  }

  private static void load(Rig rig, Target target, int requests) {
    List<Target> others = new ArrayList<>(rig.targets);
    others.remove(target);
    for (int i = 0; i < requests; i++) {
      rig.send(Rig.request("", "", ""), others);
    }
  }

  /** Lets every endpoint answer once, after that time. */
  private static void warm(Rig rig, long nanos) {
    List<Sent> sent = new ArrayList<>();
    for (Target target : rig.targets) {
      List<Target> others = new ArrayList<>(rig.targets);
      others.remove(target);
      sent.add(rig.send(Rig.request("", "", ""), others));
    }
    rig.advance(nanos);
    sent.forEach(Sent::finish);
  }

  /** Lets an endpoint answer ten times a second, each time after 100 ms. */
  private static void keepAlive(Rig rig, Target target, int seconds) {
    List<Target> others = new ArrayList<>(rig.targets);
    others.remove(target);
    for (int i = 0; i < 10 * seconds; i++) {
      Sent sent = rig.send(Rig.request("", "", ""), others);
      rig.advance(100 * MILLISECOND);
      sent.finish();
    }
  }
}
