package io.inferencerouter.benchmarks.simulation.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import org.junit.jupiter.api.Test;

class RunTimelineTest {
  private static final SimulatedRequest REQUEST = SimulatedRequest.text(0, 100, 11);

  private final RunTimeline timeline = new RunTimeline();
  private long now;

  private void sent(String endpoint, int times) {
    for (int i = 0; i < times; i++) {
      timeline.sent(now++, endpoint, REQUEST);
    }
  }

  private void answered(String endpoint) {
    timeline.completed(now, endpoint, REQUEST, 0, now);
  }

  @Test
  void whatIsSentElsewhereWhileAnEndpointIsBusyDoesNotCount() {
    sent("slow", 1);
    sent("fast", 100);
    assertThat(timeline.longestIdle("slow", 0)).isZero();

    answered("slow");
    sent("fast", 7);
    assertThat(timeline.longestIdle("slow", 0)).isEqualTo(7);
    assertThat(timeline.longestIdle("fast", 0)).isEqualTo(1);
  }

  @Test
  void anEndpointIsBusyUntilAllThatWasSentToItIsAnsweredOrHasFailed() {
    sent("slow", 2);
    answered("slow");
    sent("fast", 5);
    assertThat(timeline.longestIdle("slow", 0)).isZero();

    timeline.attemptFailed(now, "slow", REQUEST);
    sent("fast", 3);
    assertThat(timeline.longestIdle("slow", 0)).isEqualTo(3);
  }

  @Test
  void eachRequestForItBeginsAnew() {
    sent("fast", 4);
    sent("slow", 1);
    answered("slow");
    sent("fast", 6);
    sent("slow", 1);
    answered("slow");
    sent("fast", 5);
    assertThat(timeline.longestIdle("slow", 0)).isEqualTo(6);
  }

  @Test
  void whatWasSentBeforeTheFirstThatCountsIsOutstandingAllTheSame() {
    sent("slow", 1);
    sent("fast", 10);
    assertThat(timeline.longestIdle("slow", 5)).isZero();

    answered("slow");
    sent("fast", 10);
    assertThat(timeline.longestIdle("slow", 15)).isEqualTo(6);
  }

  @Test
  void whoIsNeverVisitedIsIdleThroughout() {
    sent("fast", 10);
    assertThat(timeline.longestIdle("slow", 2)).isEqualTo(8);
  }
}
