package io.inferencerouter.core.internal.state;

import static io.inferencerouter.core.internal.state.AvoidanceTest.LONGEST_WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each request is believed to take however small it is, after what was observed. */
class FixedWorkTest {
  private static final double SECONDS_PER_UNIT = 1e-5;

  private final SplittableRandom random = new SplittableRandom(11);
  private final List<ModelService> services = services(1);
  private @Nullable ModelService slow;

  private static List<ModelService> services(int parallelism) {
    ServiceRates rates = new ServiceRates(SECONDS_PER_UNIT, 0.02, 0.02, parallelism, 0);
    return IntStream.range(0, 4).mapToObj(i -> new ModelService(rates, 0)).toList();
  }

  /** Inputs of 8 to 1024 units, of which the later endpoints get the larger ones. */
  private double units(int endpoint) {
    return Math.pow(2, random.nextDouble(3 + endpoint, 7 + endpoint));
  }

  /** Answers of endpoints that take so much for each request, behind up to {@code queue} others. */
  private void answer(List<ModelService> services, double fixed, int queue, int answers) {
    for (int i = 0; i < answers; i++) {
      int endpoint = i % services.size();
      ModelService service = services.get(endpoint);
      double slowdown = service == slow ? 4 : 1;
      int before = queue == 0 ? 0 : random.nextInt(queue + 1);
      double own = units(endpoint);
      double ahead = IntStream.range(0, before).mapToDouble(j -> units(endpoint)).sum();
      double share = Lanes.ahead(1, before);
      double surprise = Math.exp(0.7 * (random.nextDouble() + random.nextDouble() - 1));
      double seconds =
          SECONDS_PER_UNIT * slowdown * surprise * (own + fixed + share * (ahead + before * fixed));
      double believed = service.fixedUnits();
      double ownBelieved = own + believed;
      double aheadBelieved = ahead + before * believed;
      service.answer(seconds, ownBelieved + share * aheadBelieved, 0, 0);
      service.answeredBeside(seconds, ownBelieved, aheadBelieved / ownBelieved, before);
    }
    Recalibration.of(services, 5, LONGEST_WAIT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 64, 256, 1024})
  void whatExplainsTheTimesIsBelieved(int fixed) {
    answer(services, fixed, 6, 2_000);

    assertThat(services).allSatisfy(each -> assertThat(each.fixedUnits()).isEqualTo(fixed));
  }

  @Test
  void whoHasTheSmallInputsDoesNotLookSlow() {
    answer(services, 256, 6, 1_000);
    answer(services, 256, 6, 1_000);

    assertThat(services)
        .allSatisfy(
            each ->
                assertThat((double) each.secondsPerInputUnit())
                    .isCloseTo(SECONDS_PER_UNIT, within(0.2 * SECONDS_PER_UNIT)));
  }

  @Test
  void whoWasSeenOnlyBeforeItWasKnownIsSeenAnew() {
    ModelService hardlySeen = services.get(0);
    hardlySeen.answer(SECONDS_PER_UNIT * 264, 8, 0, 0);
    assertThat((double) hardlySeen.secondsPerInputUnit()).isGreaterThan(4 * SECONDS_PER_UNIT);
    answer(services.subList(1, 4), 256, 6, 1_000);
    answer(services.subList(1, 4), 256, 6, 1_000);

    Recalibration.of(services, 5, LONGEST_WAIT);
    Recalibration.of(services, 5, LONGEST_WAIT);

    assertThat((double) hardlySeen.secondsPerInputUnit())
        .isCloseTo(SECONDS_PER_UNIT, within(0.5 * SECONDS_PER_UNIT));
  }

  @Test
  void aChangeOfSpeedIsNoticedAfterItAsWell() {
    answer(services, 256, 6, 1_000);
    for (int round = 0; round < 3; round++) {
      answer(services, 256, 6, 100);
    }
    slow = services.get(1);
    for (int round = 0; round < 4; round++) {
      answer(services, 256, 6, 100);
    }

    assertThat((double) services.get(1).secondsPerInputUnit())
        .isGreaterThan(3.2 * SECONDS_PER_UNIT);
    assertThat((double) services.get(2).secondsPerInputUnit()).isLessThan(1.5 * SECONDS_PER_UNIT);
  }

  @Test
  void itIsLearnedWhereLanesAreDeclaredAsWell() {
    List<ModelService> declared = services(2);

    answer(declared, 256, 0, 2_000);

    assertThat(declared).allSatisfy(each -> assertThat(each.fixedUnits()).isEqualTo(256));
  }

  @Test
  void endpointsThatChangeAreBelievedAnew() {
    answer(services, 1024, 6, 2_000);
    for (int round = 0; round < 200; round++) {
      answer(services, 0, 6, 200);
    }

    assertThat(services).allSatisfy(each -> assertThat(each.fixedUnits()).isZero());
  }
}
