package io.inferencerouter.benchmarks.simulation.measure;

import static java.lang.Double.POSITIVE_INFINITY;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.experiment.Samples;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class MeasurementsTest {
  private static final Percentage THREE_DIGITS = Percentage.withPercentage(0.1);
  private static final long MILLI = 1_000_000;
  private static final int REQUESTS = 100;
  private static final SimulatedRequest REQUEST = SimulatedRequest.text(0, 100, 11);

  private final Scenario scenario = Samples.scenario(1);
  private final Measurements measurements =
      new Measurements(scenario, scenario.fleet().endpoints().get(0).gpu());

  /** Measured requests arrive; one that is answered takes ten times as many ms as its number. */
  private void arrive(int count) {
    for (int number = 1; number <= count; number++) {
      measurements.arrived(true, 0);
    }
  }

  private void answer(int from, int to) {
    for (int number = from; number <= to; number++) {
      measurements.completed(REQUEST, true, 0, number * MILLI, 10L * number * MILLI);
    }
  }

  private RunResult result() {
    return measurements.result("policy", FleetTotals.of(List.of(), List.of()), 0);
  }

  @Test
  void withoutFailuresPercentilesAreThoseOfTheAnswers() {
    arrive(REQUESTS);
    answer(1, REQUESTS);
    RunResult result = result();

    assertThat(result.ttftMillis().p50()).isCloseTo(50, THREE_DIGITS);
    assertThat(result.e2eMillis().p50()).isCloseTo(500, THREE_DIGITS);
    assertThat(result.e2eMillis().p95()).isCloseTo(950, THREE_DIGITS);
    assertThat(result.e2eMillis().p99()).isCloseTo(990, THREE_DIGITS);
    assertThat(result.e2eMillis().p999()).isCloseTo(1000, THREE_DIGITS);
    // From the first to the last of 11 outputs
    assertThat(result.itlMillis().p99()).isCloseTo(89.1, THREE_DIGITS);
  }

  @Test
  void whoFailsTheLongestRequestsLooksNoFaster() {
    arrive(REQUESTS);
    answer(1, REQUESTS - 2);
    measurements.failed(MILLI);
    measurements.failed(MILLI);
    RunResult result = result();

    assertThat(result.e2eMillis().p95()).isCloseTo(950, THREE_DIGITS);
    assertThat(result.e2eMillis().p99()).isEqualTo(POSITIVE_INFINITY);
    assertThat(result.e2eMillis().p999()).isEqualTo(POSITIVE_INFINITY);
    assertThat(result.ttftMillis().p95()).isCloseTo(95, THREE_DIGITS);
    assertThat(result.ttftMillis().p99()).isEqualTo(POSITIVE_INFINITY);
    // What has no second output has no time between two
    assertThat(result.itlMillis().p999()).isFinite();
  }

  @Test
  void oneInAHundredMayFailBeforeTheP99IsInfinite() {
    arrive(REQUESTS);
    answer(1, REQUESTS - 1);
    measurements.failed(MILLI);

    assertThat(result().e2eMillis().p99()).isCloseTo(990, THREE_DIGITS);
    assertThat(result().e2eMillis().p999()).isEqualTo(POSITIVE_INFINITY);
  }

  @Test
  void whatIsLostIsAsLateAsWhatFails() {
    arrive(REQUESTS);
    answer(1, REQUESTS - 6);
    RunResult result = result();

    assertThat(result.lost()).isEqualTo(6);
    assertThat(result.e2eMillis().p50()).isCloseTo(500, THREE_DIGITS);
    assertThat(result.e2eMillis().p95()).isEqualTo(POSITIVE_INFINITY);
    assertThat(result.ttftMillis().p95()).isEqualTo(POSITIVE_INFINITY);
  }

  @Test
  void whereNothingIsAnsweredEverythingIsInfinitelyLate() {
    arrive(1);
    measurements.failed(MILLI);

    assertThat(result().ttftMillis().p50()).isEqualTo(POSITIVE_INFINITY);
    assertThat(result().itlMillis().p50()).isZero();
  }

  @Test
  void whatFailsInTheWarmUpDoesNotCount() {
    measurements.arrived(false, 0);
    measurements.failed(MILLI);
    arrive(REQUESTS);
    answer(1, REQUESTS);

    assertThat(result().failed()).isEqualTo(1);
    assertThat(result().e2eMillis().p999()).isCloseTo(1000, THREE_DIGITS);
  }
}
