package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PeakEwmaTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long MILLI = Duration.ofMillis(1).toNanos();

  private final OutstandingWork endpoint = new OutstandingWork();

  @Test
  void thereIsNoLatencyBeforeTheFirstAnswer() {
    assertThat(endpoint.latencySeconds(123 * SECOND)).isZero();
  }

  @Test
  void anAnswerFasterThanTheClockCanTellIsStillKnown() {
    endpoint.answeredAfter(0, SECOND);

    assertThat(endpoint.latencySeconds(SECOND)).isCloseTo(1e-6, within(1e-9));
  }

  @Property
  void aLongerLatencyIsTakenOverAtOnceWhereverTheClockStands(
      @ForAll long now, @ForAll @IntRange(min = 1, max = 1_000_000) int millis) {
    OutstandingWork work = new OutstandingWork();
    work.answeredAfter(MILLI, now);
    work.answeredAfter(millis * MILLI, now);

    assertThat(work.latencySeconds(now)).isCloseTo(millis * 1e-3, within(1e-6));
  }

  @Property
  void timeHalvesAnIdleEndpointsLatencyInTenSecondsWhereverTheClockStands(@ForAll long now) {
    OutstandingWork work = new OutstandingWork();
    work.answeredAfter(8 * SECOND, now);

    assertThat(work.latencySeconds(now + 10 * SECOND)).isCloseTo(4, within(0.01));
    assertThat(work.latencySeconds(now + 70 * SECOND)).isCloseTo(1, within(0.01));
    assertThat(work.latencySeconds(now - SECOND)).isCloseTo(8, within(0.01));
  }

  @Test
  void theLatencyOfABusyEndpointDoesNotFade() {
    endpoint.answeredAfter(8 * SECOND, 0);
    assertThat(endpoint.enter(1, 0, 0, 1, 0)).isTrue();

    assertThat(endpoint.latencySeconds(70 * SECOND)).isCloseTo(8, within(1e-6));

    endpoint.leaveBeforeOutput(0, 0, 1, 0, 0);
    assertThat(endpoint.latencySeconds(70 * SECOND)).isCloseTo(1, within(0.01));
  }

  @Test
  void shorterLatenciesAreFollowedWithATimeConstantOfTenSeconds() {
    endpoint.answeredAfter(11 * SECOND, 0);
    for (long now = 100 * MILLI; now <= 10 * SECOND; now += 100 * MILLI) {
      endpoint.answeredAfter(SECOND, now);
    }

    assertThat(endpoint.latencySeconds(10 * SECOND)).isCloseTo(1 + 10 / Math.E, within(0.05));
  }

  @Test
  void theNumberOfAnswersInThatTimeDoesNotMatter() {
    OutstandingWork often = new OutstandingWork();
    often.answeredAfter(11 * SECOND, 0);
    for (int i = 1; i <= 10_000; i++) {
      often.answeredAfter(SECOND, i * 10_000L);
    }

    assertThat(often.latencySeconds(100_000_000L)).isGreaterThan(10.8);
  }

  @Test
  void anEndpointThatComesBackIsUnknownAgain() {
    endpoint.answeredAfter(SECOND, 0);
    endpoint.cool();

    assertThat(endpoint.latencySeconds(0)).isZero();
  }
}
