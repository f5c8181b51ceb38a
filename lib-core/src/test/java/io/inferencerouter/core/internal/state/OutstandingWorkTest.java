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
    int output = Generation.inSteps(max);
    int context = Generation.MAX_CONTEXT;
    for (int i = 0; i < OutstandingWork.MAX_IN_FLIGHT; i++) {
      assertThat(work.enter(OutstandingWork.MAX_IN_FLIGHT, max, output, context, NOW)).isTrue();
      work.startDecoding();
    }

    assertThat(work.enter(OutstandingWork.MAX_IN_FLIGHT, 0, 0, 1, NOW)).isFalse();
    assertThat(OutstandingWork.inFlight(work.admissionWord()))
        .isEqualTo(OutstandingWork.MAX_IN_FLIGHT);
    assertThat(OutstandingWork.inputMicros(work.admissionWord()))
        .isEqualTo((long) max * OutstandingWork.MAX_IN_FLIGHT);
    assertThat(Generation.outputMicros(work.generationWord()))
        .isEqualTo((long) output * OutstandingWork.MAX_IN_FLIGHT);
    assertThat(Generation.context(work.generationWord()))
        .isEqualTo(context * OutstandingWork.MAX_IN_FLIGHT);
    assertThat(work.decoding()).isEqualTo(OutstandingWork.MAX_IN_FLIGHT);
    for (int i = 0; i < OutstandingWork.MAX_IN_FLIGHT; i++) {
      work.returnInput(max, NOW, NOW);
      assertThat(work.leaveAfterOutput(output, context)).isFalse();
    }
    assertThat(work.admissionWord()).isZero();
    assertThat(work.generationWord()).isZero();
    assertThat(work.decoding()).isZero();
  }

  @Test
  void aClosedEndpointAdmitsNothingAndTellsTheLastOneToLeave() {
    assertThat(work.enter(9, 5, 5_000, 1, NOW)).isTrue();
    assertThat(work.enter(9, 5, 0, 2, NOW)).isTrue();

    assertThat(work.close()).isFalse();
    assertThat(work.enter(9, 0, 0, 1, NOW)).isFalse();
    assertThat(work.leaveBeforeOutput(5, 5_000, 1, NOW, NOW)).isFalse();
    assertThat(work.leaveBeforeOutput(5, 0, 2, NOW, NOW)).isTrue();
    assertThat(work.close()).isTrue();
    work.open();
    assertThat(work.admissionWord()).isZero();
    assertThat(work.enter(9, 0, 0, 1, NOW)).isTrue();
  }

  @Property
  void whatEntersAndLeavesSumsUpExactly(
      @ForAll @Size(max = 50) List<@IntRange(max = OutstandingWork.MAX_RESERVATION_MICROS) Integer> micros) {
    long sum = 0;
    long output = 0;
    int context = 0;
    for (int each : micros) {
      work.enter(64, each, Generation.inSteps(each / 2), context(each), NOW);
      sum += each;
      output += Generation.inSteps(each / 2);
      context += context(each);
    }
    assertThat(OutstandingWork.inputMicros(work.admissionWord())).isEqualTo(sum);
    assertThat(Generation.outputMicros(work.generationWord())).isEqualTo(output);
    assertThat(Generation.context(work.generationWord())).isEqualTo(context);
    for (int each : micros) {
      work.leaveBeforeOutput(each, Generation.inSteps(each / 2), context(each), NOW, NOW);
    }
    assertThat(work.admissionWord()).isZero();
    assertThat(work.generationWord()).isZero();
  }

  private static int context(int any) {
    return 1 + any % Generation.MAX_CONTEXT;
  }

  @Test
  void theAgeIsThatOfWorkWhichEnteredWithNothingBeforeIt() {
    work.enter(9, 5, 5_000, 1, NOW);
    work.enter(9, 5, 5_000, 1, NOW + 2 * SECOND);

    assertThat(work.unansweredSince()).isCloseTo(NOW, within(1_000L));
  }

  @Test
  void theAgeGoesOverToTheNextWhenTheOldestIsAnswered() {
    work.enter(9, 10, 0, 1, NOW);
    work.enter(9, 30, 0, 1, NOW + SECOND);

    work.returnInput(10, NOW, NOW + 4 * SECOND);

    // A quarter of the work is answered, so the next one is taken to have entered after a quarter
    // of the time.
    assertThat(work.unansweredSince()).isCloseTo(NOW + SECOND, within(1_000L));
    work.leaveBeforeOutput(30, 0, 1, NOW + SECOND, NOW + 5 * SECOND);
    work.enter(9, 5, 5_000, 1, NOW + 6 * SECOND);
    assertThat(work.unansweredSince()).isEqualTo(NOW + 6 * SECOND);
  }
}
