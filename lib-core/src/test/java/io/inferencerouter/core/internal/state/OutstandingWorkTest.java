package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OutstandingWorkTest {
  private static final long NOW = 1_000_000_000;
  private static final long SECOND = 1_000_000_000;

  private final OutstandingWork work = new OutstandingWork();

  @Test
  void theFullestEndpointOverflowsNoField() {
    int max = OutstandingWork.MAX_RESERVATION_MICROS;
    for (int i = 0; i < OutstandingWork.MAX_IN_FLIGHT; i++) {
      assertThat(work.enter(OutstandingWork.MAX_IN_FLIGHT, max, max, NOW)).isTrue();
      work.startDecoding();
    }

    assertThat(work.enter(OutstandingWork.MAX_IN_FLIGHT, 0, 0, NOW)).isFalse();
    assertThat(OutstandingWork.inFlight(work.admissionWord()))
        .isEqualTo(OutstandingWork.MAX_IN_FLIGHT);
    assertThat(OutstandingWork.inputMicros(work.admissionWord()))
        .isEqualTo((long) max * OutstandingWork.MAX_IN_FLIGHT);
    assertThat(OutstandingWork.decoding(work.decodeWord()))
        .isEqualTo(OutstandingWork.MAX_IN_FLIGHT);
    for (int i = 0; i < OutstandingWork.MAX_IN_FLIGHT; i++) {
      work.returnInput(max, NOW, NOW);
      assertThat(work.leaveAfterOutput(max)).isFalse();
    }
    assertThat(work.admissionWord()).isZero();
    assertThat(work.decodeWord()).isZero();
  }

  @Test
  void aClosedEndpointAdmitsNothingAndTellsTheLastOneToLeave() {
    assertThat(work.enter(9, 5, 5, NOW)).isTrue();
    assertThat(work.enter(9, 5, 0, NOW)).isTrue();

    assertThat(work.close()).isFalse();
    assertThat(work.enter(9, 0, 0, NOW)).isFalse();
    assertThat(work.leaveBeforeOutput(5, 5, NOW, NOW)).isFalse();
    assertThat(work.leaveBeforeOutput(5, 0, NOW, NOW)).isTrue();
    assertThat(work.close()).isTrue();
    work.open();
    assertThat(work.admissionWord()).isZero();
    assertThat(work.enter(9, 0, 0, NOW)).isTrue();
  }

  @Property
  void whatEntersAndLeavesSumsUpExactly(
      @ForAll @Size(max = 50) List<@IntRange(max = OutstandingWork.MAX_RESERVATION_MICROS) Integer> micros) {
    long sum = 0;
    for (int each : micros) {
      work.enter(64, each, each / 2, NOW);
      sum += each;
    }
    assertThat(OutstandingWork.inputMicros(work.admissionWord())).isEqualTo(sum);
    for (int each : micros) {
      work.leaveBeforeOutput(each, each / 2, NOW, NOW);
    }
    assertThat(work.admissionWord()).isZero();
    assertThat(work.decodeWord()).isZero();
  }

  @Test
  void theAgeIsThatOfWorkWhichEnteredWithNothingBeforeIt() {
    work.enter(9, 5, 5, NOW);
    work.enter(9, 5, 5, NOW + 2 * SECOND);

    assertThat(work.unansweredSince()).isCloseTo(NOW, within(1_000L));
  }

  @Test
  void theAgeGoesOverToTheNextWhenTheOldestIsAnswered() {
    work.enter(9, 10, 0, NOW);
    work.enter(9, 30, 0, NOW + SECOND);

    work.returnInput(10, NOW, NOW + 4 * SECOND);

    // A quarter of the work is answered, so the next one is taken to have entered after a quarter
    // of the time.
    assertThat(work.unansweredSince()).isCloseTo(NOW + SECOND, within(1_000L));
    work.leaveBeforeOutput(30, 0, NOW + SECOND, NOW + 5 * SECOND);
    work.enter(9, 5, 5, NOW + 6 * SECOND);
    assertThat(work.unansweredSince()).isEqualTo(NOW + 6 * SECOND);
  }
}
