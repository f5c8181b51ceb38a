package io.inferencerouter.core.internal.state;

import static io.inferencerouter.core.internal.state.AvoidanceTest.LONGEST_WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.core.internal.learning.Evidence;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When an endpoint counts as another one, and what is then left of what was known. */
class RateShiftTest {
  private final RateShift shift = new RateShift(RateShift.FEW);
  private long evidence = Evidence.NONE;
  private float observations;
  private int shifts;

  /** So many observations of one unit each, judged every eight. */
  private void observe(int count, double secondsPerUnit, double trend) {
    for (int i = 0; i < count; i++) {
      evidence = Evidence.plus(evidence, (float) secondsPerUnit, 1);
      observations++;
      if (i % 8 == 7
          && shift.isShifted(shift.ratio(evidence, observations) / trend, evidence, observations)) {
        evidence = shift.forgotten(evidence);
        observations = shift.observationsLeft(observations);
        shifts++;
      }
    }
  }

  private double rate() {
    return Evidence.first(evidence) / Evidence.second(evidence);
  }

  @Test
  void twoWindowsThatDifferInOneDirectionAreAChangeAndWhatIsOlderCountsForLittle() {
    observe(320, 1, 1);
    observe(32, 3, 1);

    assertThat(shifts).isEqualTo(1);
    assertThat(rate()).isCloseTo((0.02 * 320 + 32 * 3) / (0.02 * 320 + 32), within(0.01));
    assertThat(observations).isCloseTo(0.02f * 320 + 32, within(0.1f));
  }

  @Test
  void aChangeBackIsNoticedAsSoon() {
    observe(320, 1, 1);
    observe(160, 3, 1);
    observe(32, 1, 1);

    assertThat(shifts).isEqualTo(2);
    assertThat(rate()).isLessThan(1.6);
  }

  @Test
  void oneWindowThatDiffersMayBeChance() {
    for (int round = 0; round < 10; round++) {
      observe(160, 1, 1);
      observe(16, 3, 1);
    }

    assertThat(shifts).isZero();
  }

  @Test
  void windowsThatDifferInOppositeDirectionsAreNoise() {
    observe(160, 1, 1);
    for (int round = 0; round < 10; round++) {
      observe(16, 2.5, 1);
      observe(16, 0.4, 1);
    }

    assertThat(shifts).isZero();
  }

  @Test
  void fewObservationsAreAWindowWhereTheyDifferByALot() {
    observe(320, 1, 1);
    observe(16, 8, 1);

    assertThat(shifts).isEqualTo(1);
    assertThat(observations).isCloseTo(0.02f * 320 + 16, within(0.1f));
  }

  @Test
  void fewObservationsAreNoWindowWhereTheyDifferByLess() {
    observe(320, 1, 1);
    observe(16, 3, 1);

    assertThat(shifts).isZero();
  }

  @Test
  void whereMuchIsChanceAWindowHasToBeFull() {
    RateShift cautious = new RateShift(RateShift.WINDOW);
    cautious.beginAnew(Evidence.of(320, 320), 320);

    assertThat(cautious.ratio(Evidence.of(440, 335), 335)).isZero();
    assertThat(cautious.ratio(Evidence.of(448, 336), 336)).isCloseTo(8, within(1e-6));
  }

  @Test
  void aSmallDifferenceIsLeftToFading() {
    observe(320, 1, 1);
    observe(320, 1.3, 1);

    assertThat(shifts).isZero();
  }

  @Test
  void whatHappensToAllEndpointsIsNoNewsAboutOne() {
    observe(320, 1, 1);
    observe(32, 3, 3);

    assertThat(shifts).isZero();
  }

  @Test
  void fadingChangesNoRatio() {
    observe(320, 1, 1);
    evidence = Evidence.times(evidence, 0.5f);
    observations *= 0.5f;
    shift.fade(0.5f);
    observe(32, 3, 1);

    assertThat(shifts).isEqualTo(1);
    assertThat(observations).isCloseTo(0.02f * 160 + 32, within(0.1f));
  }

  @Test
  void nothingIsJudgedOnTooLittle() {
    observe(8, 1, 1);
    observe(24, 5, 1);

    assertThat(shifts).isZero();
  }

  /** Twenty first outputs of a thousand units a second, of each of the services. */
  private static void serve(List<ModelService> services, int seconds, double slowness) {
    for (int second = 0; second < seconds; second++) {
      for (ModelService service : services) {
        double factor = service == services.get(0) ? slowness : 1;
        for (int i = 0; i < 20; i++) {
          service.firstOutput(0.1 * factor, 1_000);
        }
      }
      Recalibration.of(services, 1, LONGEST_WAIT);
    }
  }

  @Test
  void whatAnEndpointDidWhileItWasSlowIsForgottenWithinSeconds() {
    ServiceRates rates = new ServiceRates(1e-4, 1e-9, 0, 1, 0);
    List<ModelService> services =
        List.of(new ModelService(rates, 0), new ModelService(rates, 0), new ModelService(rates, 0));
    serve(services, 100, 1);

    serve(services, 3, 3);
    assertThat(services.get(0).secondsPerInputUnit()).isBetween(1.8e-4f, 3.1e-4f);
    serve(services, 60, 3);
    serve(services, 3, 1);

    assertThat(services.get(0).secondsPerInputUnit()).isBetween(0.9e-4f, 1.9e-4f);
    assertThat(services.get(1).secondsPerInputUnit()).isCloseTo(1e-4f, within(2e-6f));
  }
}
