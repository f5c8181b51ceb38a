package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** When an endpoint to which nothing goes is tried again. */
class AvoidanceTest {
  /** What is avoided is tried again as late as ever. */
  static final LongSupplier LONGEST_WAIT = () -> -1;

  private static final double ROUND = 16;

  private final Avoidance avoidance = new Avoidance();
  private float observations;

  /** A round in which so many requests came for each endpoint, and so many of them here. */
  private void round(int here) {
    observations += here;
    avoidance.newObservations(observations);
    avoidance.passed(ROUND, LONGEST_WAIT);
  }

  /** How many requests come for each endpoint, with none here, until it is to be tried. */
  private double patience() {
    double requests = 0;
    while (avoidance.optimism() == 1) {
      round(0);
      requests += ROUND;
    }
    return requests - ROUND;
  }

  @Test
  void whatIsNotVisitedSeemsFasterTheLongerThatLasts() {
    assertThat(patience()).isEqualTo(64);
    double then = avoidance.optimism();

    for (int i = 0; i < 4; i++) {
      round(0);
    }

    assertThat(avoidance.optimism()).isCloseTo(then / 2, within(1e-9));
  }

  @Test
  void ofManyRoutersThatBeginTogetherOneIsEarly() {
    LongSupplier random = new SplittableRandom(1)::nextLong;

    double[] patience =
        DoubleStream.generate(() -> patienceOfAnother(random)).limit(16).sorted().toArray();

    assertThat(patience[0]).isLessThan(16);
    assertThat(patience[8]).isBetween(16.0, 48.0);
    assertThat(patience[15]).isBetween(48.0, 64.0);
  }

  private static double patienceOfAnother(LongSupplier random) {
    Avoidance another = new Avoidance();
    another.newObservations(1);
    another.passed(1, random);
    double requests = 0;
    while (another.optimism() == 1) {
      another.newObservations(1);
      another.passed(1, random);
      requests++;
    }
    return requests;
  }

  @Test
  void eachWaitHasATempoOfItsOwn() {
    LongSupplier random = new SplittableRandom(1)::nextLong;
    double[] trials = new double[3];
    for (int i = 0; i < trials.length; i++) {
      while (avoidance.optimism() == 1) {
        avoidance.newObservations(observations);
        avoidance.passed(1, random);
        trials[i]++;
      }
      observations += 2; // many: visited regularly, so that patience is the same again
      avoidance.newObservations(observations);
      avoidance.passed(1, random);
    }

    assertThat(trials).doesNotHaveDuplicates();
  }

  @Test
  void inOneRoundItBecomesTwiceAsFastAtMostHoweverHurriedTheWait() {
    avoidance.newObservations(0);
    avoidance.passed(1_000, () -> 0);
    assertThat(avoidance.optimism()).isEqualTo(1);

    avoidance.newObservations(0);
    avoidance.passed(1_000, () -> 0);
    assertThat(avoidance.optimism()).isCloseTo(0.5, within(1e-9));
  }

  @Test
  void whileItWorksOnATrialThereIsNoOther() {
    patience();
    assertThat(avoidance.optimism()).isLessThan(1);

    avoidance.occupied(true);
    round(0);
    assertThat(avoidance.optimism()).isEqualTo(1);

    avoidance.occupied(false); // and nothing has come of it
    assertThat(avoidance.optimism()).isLessThan(1);
  }

  @Test
  void oneVisitIsATrialAndEndsIt() {
    patience();

    round(1);

    assertThat(avoidance.optimism()).isEqualTo(1);
  }

  @Test
  void afterATrialThatChangesNothingTheNextComesLaterButNotLaterAndLater() {
    patience();
    round(1);

    assertThat(patience()).isEqualTo(128);
    round(1);
    assertThat(patience()).isEqualTo(256);
    round(1);
    assertThat(patience()).isEqualTo(256);
  }

  @Test
  void whatIsVisitedRegularlyIsTriedAsSoonAsAtFirst() {
    patience();
    round(1);
    round(4);

    assertThat(patience()).isEqualTo(64);
  }

  @Test
  void afterATrialThePastIsKeptUnlessTheEndpointBecameSlowerLately() {
    patience();
    round(1);
    assertThat(avoidance.roundsUnvisited()).isZero();

    avoidance.shifted(RateShift.Direction.SLOWER, 60, observations);
    patience();
    int rounds = avoidance.roundsUnvisited();

    round(1);

    assertThat(avoidance.roundsUnvisited()).isEqualTo(rounds);
    round(1);
    assertThat(avoidance.roundsUnvisited()).isZero();
  }

  @Test
  void whatIsBusyIsNotAvoidedUnlessItBecameSlowerLately() {
    avoidance.occupied(true);
    for (int i = 0; i < 100; i++) {
      round(0);
    }
    assertThat(avoidance.optimism()).isEqualTo(1);
    assertThat(avoidance.roundsUnvisited()).isZero();

    avoidance.shifted(RateShift.Direction.SLOWER, 60, observations);

    assertThat(patience()).isEqualTo(64);
  }

  @Test
  void whatTakesNoRequestsIsNotAvoided() {
    patience();

    avoidance.excused();

    assertThat(avoidance.optimism()).isEqualTo(1);
    assertThat(patience()).isEqualTo(64);
  }

  @Test
  void whileNothingComesNothingIsAvoided() {
    for (int i = 0; i < 1_000; i++) {
      avoidance.newObservations(0);
      avoidance.passed(0, LONGEST_WAIT);
    }

    assertThat(avoidance.optimism()).isEqualTo(1);
  }
}
