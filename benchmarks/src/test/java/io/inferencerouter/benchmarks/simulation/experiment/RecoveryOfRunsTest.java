package io.inferencerouter.benchmarks.simulation.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.fleet.Incident;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** Runs of a hundred requests a second; what is given by second is given by when they arrive. */
class RecoveryOfRunsTest {
  private static final long SECOND = 1_000_000_000;
  private static final int RATE = 100;
  private static final int LENGTH = 400;
  private static final int BEGIN = 100;
  private static final int END = 140;
  private static final SimulatedRequest REQUEST = Samples.workload("w", 1).iterator().next();
  private static final Incident WHAT =
      new Incident("hit", BEGIN * SECOND, END * SECOND, Optional.empty());

  /** Requests that take so many seconds, of which one in so many is for the endpoint. */
  private static RunTimeline run(
      IntUnaryOperator seconds, IntUnaryOperator oneIn, IntPredicate fails) {
    RunTimeline timeline = new RunTimeline();
    for (int i = 0; i < LENGTH * RATE; i++) {
      long now = i * SECOND / RATE;
      int at = i / RATE;
      timeline.sent(now, i % oneIn.applyAsInt(at) == 0 ? "hit" : "other", REQUEST);
      if (fails.test(i)) {
        timeline.failed(now, REQUEST, now);
      } else {
        long whole = now + seconds.applyAsInt(at) * SECOND;
        timeline.completed(whole, "hit", REQUEST, now, now + (whole - now) / 4);
      }
    }
    return timeline;
  }

  private static Recovery recovery(IntUnaryOperator seconds, IntUnaryOperator oneIn) {
    List<RunTimeline> healthy = List.of(run(at -> 4, at -> 8, i -> false));
    return Recovery.of(List.of(run(seconds, oneIn, i -> false)), healthy, healthy, WHAT);
  }

  private static boolean isDuring(int at) {
    return at >= BEGIN && at < END;
  }

  @Test
  void itIsBackFromTheFirstWindowOnInWhichAllIsAsWithoutTheFault() {
    Recovery recovery = recovery(at -> at >= BEGIN && at < END + 20 ? 8 : 4, at -> 8);

    assertThat(recovery.wholeAnswer().backSeconds()).hasValue(60);
    assertThat(recovery.wholeAnswer().healthyMillis()).isCloseTo(4_000, within(1e-6));
    assertThat(recovery.wholeAnswer().worstMillis()).isCloseTo(8_000, within(1e-6));
    assertThat(recovery.firstOutput().backSeconds()).hasValue(60);
    assertThat(recovery.firstOutput().worstMillis()).isCloseTo(2_000, within(1e-6));
  }

  @Test
  void aSecondSetbackCounts() {
    Recovery recovery =
        recovery(at -> (at >= BEGIN && at < BEGIN + 20) || at / 20 == 9 ? 8 : 4, at -> 8);

    assertThat(recovery.wholeAnswer().backSeconds()).hasValue(100);
  }

  @Test
  void whatStaysSlowIsNotBack() {
    assertThat(recovery(at -> at < BEGIN ? 4 : 5, at -> 8).wholeAnswer().backSeconds()).isEmpty();
  }

  @Test
  void whatChanceBringsIsToldBesideAndDoesNotCountAsBack() {
    List<RunTimeline> healthy = List.of(run(at -> 4, at -> 8, i -> false));
    List<RunTimeline> control =
        List.of(run(at -> at >= 200 && at < 210 ? 5 : 4, at -> 8, i -> false));
    List<RunTimeline> hit =
        List.of(run(at -> at < BEGIN ? 4 : at < BEGIN + 30 ? 6 : 5, at -> 8, i -> false));

    Recovery recovery = Recovery.of(hit, healthy, control, WHAT);

    assertThat(recovery.wholeAnswer().chance()).isCloseTo(1.25, within(1e-6));
    assertThat(recovery.wholeAnswer().backSeconds()).isEmpty();
  }

  @Test
  void whatIsNotFeltIsBackAtOnce() {
    assertThat(recovery(at -> 4, at -> 8).wholeAnswer().backSeconds()).hasValue(0);
  }

  @Test
  void requestsThatAreUnderWayWhenItBeginsCount() {
    Recovery recovery = recovery(at -> at >= BEGIN - 5 && at < BEGIN ? 9 : 4, at -> 8);

    assertThat(recovery.wholeAnswer().worstMillis()).isCloseTo(9_000, within(1e-6));
    assertThat(recovery.wholeAnswer().backSeconds()).hasValue(0);
  }

  @Test
  void whatFailsTakesForever() {
    List<RunTimeline> healthy = List.of(run(at -> 4, at -> 8, i -> false));
    RunTimeline some = run(at -> 4, at -> 8, i -> isDuring(i / RATE) && i % 50 == 0);
    RunTimeline few = run(at -> 4, at -> 8, i -> isDuring(i / RATE) && i % 200 == 0);

    assertThat(Recovery.of(List.of(some), healthy, healthy, WHAT).wholeAnswer().worstMillis())
        .isInfinite();
    assertThat(Recovery.of(List.of(few), healthy, healthy, WHAT).wholeAnswer().worstMillis())
        .isCloseTo(4_000, within(1e-6));
  }

  @Test
  void sharesTellSinkholesFloodsAndStarvation() {
    Recovery sinkhole = recovery(at -> 4, at -> isDuring(at) ? 4 : 8);
    assertThat(sinkhole.firstShare()).isCloseTo(2, within(0.02));
    assertThat(sinkhole.mostAfter()).isCloseTo(1, within(0.02));
    assertThat(sinkhole.leastAfter()).isCloseTo(1, within(0.02));

    Recovery flood = recovery(at -> 4, at -> at >= END && at < END + 30 ? 2 : 8);
    assertThat(flood.firstShare()).isCloseTo(1, within(0.02));
    assertThat(flood.mostAfter()).isCloseTo(4, within(0.02));

    Recovery starvation = recovery(at -> 4, at -> at >= BEGIN ? 80 : 8);
    assertThat(starvation.leastAfter()).isCloseTo(0.1, within(0.02));
  }

  @Test
  void theShareOfOneThatJoinsIsComparedWithThatOfItsTwinInTheSameTime() {
    Incident joins = new Incident("hit", BEGIN * SECOND, BEGIN * SECOND, Optional.of("other"));
    List<RunTimeline> healthy = List.of(run(at -> 4, at -> Integer.MAX_VALUE, i -> false));
    Recovery recovery =
        Recovery.of(
            List.of(run(at -> 4, at -> at < BEGIN ? Integer.MAX_VALUE : 4, i -> false)),
            healthy,
            healthy,
            joins);

    assertThat(recovery.firstShare()).isCloseTo(1 / 3.0, within(0.02));
    assertThat(recovery.mostAfter()).isCloseTo(1 / 3.0, within(0.02));
  }
}
