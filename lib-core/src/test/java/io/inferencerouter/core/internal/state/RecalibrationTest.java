package io.inferencerouter.core.internal.state;

import static io.inferencerouter.core.internal.state.AvoidanceTest.LONGEST_WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is left of what was learned of an endpoint to which nothing goes any more. */
class RecalibrationTest {
  private static final double SECONDS = Recalibration.INTERVAL.toSeconds();
  private static final int MANY = 40;
  private static final ServiceRates RATES = new ServiceRates(1e-4, 1e-2, 0, 1, 0);

  private final List<ModelService> services =
      Stream.generate(() -> new ModelService(RATES, 0)).limit(4).toList();
  private final ModelService avoided = services.get(0);

  /**
   * First outputs and a few whole streams of all services, of which the first takes so many times
   * as long.
   */
  private void serve(int rounds, double slowness) {
    for (int round = 0; round < rounds; round++) {
      for (ModelService service : services) {
        double factor = service == avoided ? slowness : 1;
        for (int i = 0; i < 11; i++) {
          service.firstOutput(0.1 * factor, 1_000);
          if (i < 7) {
            service.stream(1 * factor, 100, 0);
          }
        }
      }
      Recalibration.of(services, SECONDS, LONGEST_WAIT);
    }
  }

  /** So many streams a round of all but the first. */
  private void avoid(int rounds, int streams) {
    for (int round = 0; round < rounds; round++) {
      for (ModelService service : services.subList(1, services.size())) {
        for (int i = 0; i < streams; i++) {
          service.firstOutput(0.1, 1_000);
          service.stream(1, 100, 0);
        }
      }
      Recalibration.of(services, SECONDS, LONGEST_WAIT);
    }
  }

  private double slowness() {
    return avoided.secondsPerOutputUnit() / services.get(1).secondsPerOutputUnit();
  }

  @Test
  void whatIsAvoidedIsForgottenFasterHoweverLongThatTakes() {
    serve(40, 10);
    avoid(6, MANY);
    double then = avoided.outputObservations();

    avoid(4, MANY);

    assertThat(avoided.outputObservations() / then)
        .isCloseTo(StrictMath.exp(-4 * SECONDS / 10), within(0.01));
  }

  @Test
  void aRouterWithFewRequestsForgetsWhatIsAvoidedWithTheRequestsNotWithTime() {
    serve(40, 10);
    avoid(6, 1);
    double then = avoided.outputObservations();

    avoid(20, 1);

    assertThat(avoided.outputObservations() / then)
        .isCloseTo(StrictMath.exp(-20 * 0.75 / 16), within(0.01));
  }

  @Test
  void whatIsVisitedAsWellFadesWithTheRequestsWhereThereAreFew() {
    serve(40, 1);
    double then = avoided.outputObservations();

    for (int round = 0; round < 20; round++) {
      avoided.firstOutput(0.1, 1_000);
      avoided.stream(1, 100, 0);
      Recalibration.of(services, SECONDS, LONGEST_WAIT);
    }

    // A quarter of a request each: 5 for each endpoint in all, of which one had 20
    assertThat((avoided.outputObservations() - 20) / then)
        .isCloseTo(StrictMath.exp(-5.0 / 32), within(0.02));
  }

  @Test
  void nothingIsForgottenWhileNothingComes() {
    serve(40, 1);
    Recalibration.of(services, SECONDS, LONGEST_WAIT);
    double then = avoided.outputObservations();

    for (int round = 0; round < 1_000; round++) {
      Recalibration.of(services, SECONDS, LONGEST_WAIT);
    }

    assertThat(avoided.outputObservations()).isEqualTo((float) then);
  }

  @Test
  void anEndpointThatWasSlowForAMinuteIsTriedAgainSoonAfter() {
    serve(40, 1);
    serve(12, 10);
    assertThat(slowness()).isGreaterThan(7);

    avoid(10, MANY);

    assertThat(slowness()).isLessThan(2);
  }

  @Test
  void anEndpointThatHasAlwaysBeenSlowIsLeftAloneForLonger() {
    serve(52, 10);

    avoid(10, MANY);

    assertThat(slowness()).isGreaterThan(7);
  }

  @Test
  void anEndpointThatHasBeenSlowForLongCountsAsOneThatAlwaysWas() {
    serve(40, 1);
    serve(80, 10);

    avoid(10, MANY);

    assertThat(slowness()).isGreaterThan(7);
  }

  @Test
  void changesOfTheFleetBetweenTheRoundsChangeNothingOfWhatIsForgotten() {
    serve(40, 10);
    avoid(6, MANY);
    double then = avoided.outputObservations();

    for (int round = 0; round < 4; round++) {
      for (ModelService service : services.subList(1, services.size())) {
        for (int i = 0; i < MANY; i++) {
          service.firstOutput(0.1, 1_000);
          service.stream(1, 100, 0);
          Recalibration.of(services, 0, LONGEST_WAIT);
        }
      }
      Recalibration.of(services, 0, LONGEST_WAIT);
      Recalibration.of(services, SECONDS, LONGEST_WAIT);
    }

    assertThat(avoided.outputObservations() / then)
        .isCloseTo(StrictMath.exp(-4 * SECONDS / 10), within(0.01));
  }

  @Test
  void aStreamOfWhichTheOutputIsObservedTwiceIsOneRequest() {
    serve(40, 1);
    double then = avoided.inputObservations();

    for (int round = 0; round < 5; round++) {
      for (int request = 0; request < 3; request++) {
        services.get(1).firstOutput(0.1, 1_000);
        services.get(1).stream(1, 16, 0);
        services.get(1).stream(6, 100, 0);
      }
      Recalibration.of(services, SECONDS, LONGEST_WAIT);
    }

    assertThat(avoided.inputObservations() / then)
        .isCloseTo(StrictMath.exp(-5 * 0.75 / 32), within(0.005));
  }
}
