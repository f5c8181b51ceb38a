package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** When an endpoint to which nothing goes is tried again. */
class AvoidanceTest {
  private static final double ROUND = 16;

  private final Avoidance avoidance = new Avoidance();
  private float observations;

  /** A round in which so many requests came for each endpoint, and so many of them here. */
  private void round(int here) {
    observations += here;
    avoidance.newObservations(observations);
    avoidance.passed(ROUND);
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
      avoidance.passed(0);
    }

    assertThat(avoidance.optimism()).isEqualTo(1);
  }
}
