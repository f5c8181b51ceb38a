package io.inferencerouter.benchmarks.simulation.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.fleet.Disturbance;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class ReactionTest {
  private static final long REQUEST_NANOS = 10_000_000;
  private static final int REQUESTS = 20_000;
  private static final int BEGIN = 8_000;
  private static final int END = 12_000;

  /** One in so many requests goes to the endpoint, by the number of the request. */
  private static RunTimeline run(IntUnaryOperator oneIn) {
    RunTimeline timeline = new RunTimeline();
    SimulatedRequest request = Samples.workload("w", 1).iterator().next();
    for (int i = 0; i < REQUESTS; i++) {
      String endpoint = i % oneIn.applyAsInt(i) == 0 ? "hit" : "other";
      timeline.sent(i * REQUEST_NANOS, endpoint, request);
    }
    return timeline;
  }

  private static Reaction reaction(long endNanos, IntUnaryOperator oneIn) {
    Disturbance what = new Disturbance("hit", BEGIN * REQUEST_NANOS, endNanos);
    return Reaction.of(List.of(run(oneIn), run(oneIn)), what, 0).orElseThrow();
  }

  @Test
  void aFallAndTheReturnAreFoundWhereTheyAre() {
    Reaction reaction =
        reaction(END * REQUEST_NANOS, i -> i > BEGIN + 500 && i < END + 1_000 ? 24 : 8);

    // 60 of both runs are 240 requests of each; they fall below two thirds when half of them do
    assertThat(reaction.fallsWithin().orElseThrow()).isBetween(560, 680);
    assertThat(reaction.during()).isCloseTo(1 / 3.0, within(0.04));
    assertThat(reaction.returnsAfterSeconds().orElseThrow()).isBetween(8.0, 10.5);
    assertThat(reaction.afterwards()).isCloseTo(1, within(0.02));
  }

  @Test
  void whatDoesNotReactSaysSo() {
    Reaction reaction = reaction(END * REQUEST_NANOS, i -> 8);

    assertThat(reaction.fallsWithin()).isEmpty();
    assertThat(reaction.during()).isCloseTo(1, within(0.02));
    assertThat(reaction.returnsAfterSeconds()).hasValue(0);
  }

  @Test
  void whatStaysAwayDoesNotReturn() {
    Reaction reaction = reaction(END * REQUEST_NANOS, i -> i > BEGIN ? 24 : 8);

    assertThat(reaction.returnsAfterSeconds()).isEmpty();
    assertThat(reaction.afterwards()).isNaN();
  }

  @Test
  void anEndpointThatGotNothingTellsNothing() {
    Disturbance what = new Disturbance("nobody", BEGIN * REQUEST_NANOS, Disturbance.NEVER);

    assertThat(Reaction.of(List.of(run(i -> 8)), what, 0)).isEmpty();
  }
}
