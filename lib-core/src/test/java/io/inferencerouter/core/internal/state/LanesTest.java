package io.inferencerouter.core.internal.state;

import static io.inferencerouter.core.internal.state.AvoidanceTest.LONGEST_WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many requests are believed to be worked on side by side, after what was observed. */
class LanesTest {
  private static final double SECONDS_PER_UNIT = 0.01;

  private final SplittableRandom random = new SplittableRandom(11);
  private final List<ModelService> services = services(1);

  private static List<ModelService> services(int parallelism) {
    ServiceRates rates = new ServiceRates(SECONDS_PER_UNIT, 0.02, 0.02, parallelism, 0);
    return IntStream.range(0, 4).mapToObj(i -> new ModelService(rates, 0)).toList();
  }

  /** Answers of endpoints that work on so many at a time, behind up to {@code queue} others. */
  private void answer(List<ModelService> services, int workedOn, int queue, int answers) {
    for (int i = 0; i < answers; i++) {
      int before = queue == 0 ? 0 : random.nextInt(queue + 1);
      double units = random.nextDouble(10, 100);
      double reserved = before * random.nextDouble(0.5, 2);
      double surprise = Math.exp(0.7 * (random.nextDouble() + random.nextDouble() - 1));
      double seconds =
          SECONDS_PER_UNIT * units * (surprise + reserved * Lanes.ahead(workedOn, before));
      services.get(i % services.size()).answeredBeside(seconds, units, reserved, before);
    }
    Recalibration.of(services, 5, LONGEST_WAIT);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 16})
  void theNumberThatExplainsTheTimesIsBelieved(int workedOn) {
    answer(services, workedOn, 40, 2_000);

    assertThat(services).allSatisfy(each -> assertThat(each.lanes()).isEqualTo(workedOn));
  }

  @Test
  void asLongAsNobodyIsAheadItIsOne() {
    answer(services, 8, 0, 2_000);

    assertThat(services).allSatisfy(each -> assertThat(each.lanes()).isEqualTo(1));
  }

  @Test
  void aFewAnswersAreNoReason() {
    answer(services, 8, 40, 90);

    assertThat(services).allSatisfy(each -> assertThat(each.lanes()).isEqualTo(1));
  }

  @Test
  void anEndpointThatComesLaterIsBelievedToBeLikeTheOthers() {
    answer(services, 8, 40, 2_000);
    List<ModelService> more = new ArrayList<>(services);
    more.addAll(services(1));

    answer(more.subList(0, 4), 8, 40, 50);
    Recalibration.of(more, 5, LONGEST_WAIT);

    assertThat(more).allSatisfy(each -> assertThat(each.lanes()).isEqualTo(8));
  }

  @Test
  void endpointsThatChangeAreBelievedAnew() {
    answer(services, 8, 40, 2_000);
    for (int round = 0; round < 200; round++) {
      answer(services, 2, 40, 200);
    }

    assertThat(services).allSatisfy(each -> assertThat(each.lanes()).isEqualTo(2));
  }

  @Test
  void whatIsDeclaredIsNotLearned() {
    List<ModelService> declared = services(3);

    answer(declared, 8, 40, 2_000);

    assertThat(declared).allSatisfy(each -> assertThat(each.lanes()).isEqualTo(3));
  }

  @Test
  void aNewDeclarationEndsWhatWasLearned() {
    answer(services, 8, 40, 2_000);

    services.get(0).declare(new ServiceRates(SECONDS_PER_UNIT, 0.02, 0.02, 5, 0), 0);

    assertThat(services.get(0).lanes()).isEqualTo(5);
    assertThat(services.get(1).lanes()).isEqualTo(8);
  }

  @Test
  void ofWhatIsBeingWorkedOnHalfIsDone() {
    assertThat(Lanes.ahead(1, 0)).isZero();
    assertThat(Lanes.ahead(1, 1)).isCloseTo(0.5f, within(1e-6f));
    assertThat(Lanes.ahead(4, 3)).isZero();
    assertThat(Lanes.ahead(4, 8)).isCloseTo(0.75f / 4, within(1e-6f));
  }
}
