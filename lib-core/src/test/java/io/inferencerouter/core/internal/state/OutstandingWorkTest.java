package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OutstandingWorkTest {
  private final OutstandingWork work = new OutstandingWork();

  @Test
  void theFullestEndpointOverflowsNoField() {
    int max = OutstandingWork.MAX_RESERVATION_MICROS;
    for (int i = 0; i < OutstandingWork.MAX_IN_FLIGHT; i++) {
      assertThat(work.enter(OutstandingWork.MAX_IN_FLIGHT, max, max)).isTrue();
      work.startDecoding();
    }

    assertThat(work.enter(OutstandingWork.MAX_IN_FLIGHT, 0, 0)).isFalse();
    assertThat(OutstandingWork.inFlight(work.admissionWord()))
        .isEqualTo(OutstandingWork.MAX_IN_FLIGHT);
    assertThat(OutstandingWork.inputMicros(work.admissionWord()))
        .isEqualTo((long) max * OutstandingWork.MAX_IN_FLIGHT);
    assertThat(OutstandingWork.decoding(work.decodeWord()))
        .isEqualTo(OutstandingWork.MAX_IN_FLIGHT);
    for (int i = 0; i < OutstandingWork.MAX_IN_FLIGHT; i++) {
      work.returnInput(max);
      assertThat(work.leaveAfterOutput(max)).isFalse();
    }
    assertThat(work.admissionWord()).isZero();
    assertThat(work.decodeWord()).isZero();
  }

  @Test
  void aClosedEndpointAdmitsNothingAndTellsTheLastOneToLeave() {
    assertThat(work.enter(9, 5, 5)).isTrue();
    assertThat(work.enter(9, 5, 0)).isTrue();

    assertThat(work.close()).isFalse();
    assertThat(work.enter(9, 0, 0)).isFalse();
    assertThat(work.leaveBeforeOutput(5, 5)).isFalse();
    assertThat(work.leaveBeforeOutput(5, 0)).isTrue();
    assertThat(work.close()).isTrue();
    work.open();
    assertThat(work.admissionWord()).isZero();
    assertThat(work.enter(9, 0, 0)).isTrue();
  }

  @Property
  void whatEntersAndLeavesSumsUpExactly(
      @ForAll @Size(max = 50) List<@IntRange(max = OutstandingWork.MAX_RESERVATION_MICROS) Integer> micros) {
    long sum = 0;
    for (int each : micros) {
      work.enter(64, each, each / 2);
      sum += each;
    }
    assertThat(OutstandingWork.inputMicros(work.admissionWord())).isEqualTo(sum);
    for (int each : micros) {
      work.leaveBeforeOutput(each, each / 2);
    }
    assertThat(work.admissionWord()).isZero();
    assertThat(work.decodeWord()).isZero();
  }
}
