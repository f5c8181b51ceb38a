package io.inferencerouter.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.core.HealthPolicy;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class BreakerTest {
  private static final int LEAST = Breaker.WINDOW_ANSWERS;
  private static final int MOST = LEAST + AnswerClock.ANSWERS_PER_SECOND;

  private final Breaker breaker = new Breaker(HealthPolicy.standard());

  /** Of answers that say which failed, the share that did among the last so many. */
  private static double rate(List<Boolean> failed, int last) {
    List<Boolean> window = failed.subList(Math.max(0, failed.size() - last), failed.size());
    return window.stream().filter(f -> f).count() / (double) window.size();
  }

  private static void tell(Breaker breaker, boolean failed) {
    breaker.tell(failed ? 0 : 1, failed ? 1 : 0);
  }

  @Property(tries = 300)
  void itOpensOnTheRateOfTheLastHundredAnswersOrAFewMore(
      @ForAll @Size(min = 1, max = 600) List<Boolean> failed,
      @ForAll @DoubleRange(min = 0.05, max = 1) double limit,
      @ForAll @IntRange(min = 1, max = 200) int minimum) {
    Breaker breaker =
        new Breaker(
            HealthPolicy.builder().breakerFailureRate(limit).minimumRequests(minimum).build());
    int enough = Math.min(LEAST, minimum);
    int first = failed.indexOf(true); // before that it is not told
    for (int i = Math.max(0, first); i < failed.size() && first >= 0 && !breaker.isOpen(); i++) {
      tell(breaker, failed.get(i));
      List<Boolean> told = failed.subList(first, i + 1);
      double highest = 0;
      double lowest = 1;
      for (int last = LEAST; last <= MOST; last++) {
        highest = Math.max(highest, rate(told, last));
        lowest = Math.min(lowest, rate(told, last));
      }
      if (told.size() < enough || highest < limit - 1e-6) {
        assertThat(breaker.isOpen()).as("after %d", told.size()).isFalse();
      }
      if (told.size() >= enough && lowest > limit + 1e-6) {
        assertThat(breaker.isOpen()).as("after %d", told.size()).isTrue();
      }
    }
  }

  @Example
  void tooFewAnswersSayNothing() {
    breaker.tell(0, 19);
    assertThat(breaker.isOpen()).isFalse();

    breaker.tell(0, 1);
    assertThat(breaker.isOpen()).isTrue();
    assertThat(breaker.failureRate()).isEqualTo(1);
  }

  @Example
  void afterManyGoodAnswersItTakesFiftyBadOnesAndHardlyMore() {
    breaker.tell(99, 1);
    for (int i = 0; i < 10; i++) {
      breaker.tell(100, 0);
    }
    int failures = 0;
    while (!breaker.isOpen() && failures < 200) {
      tell(breaker, true);
      failures++;
    }

    assertThat(failures).isBetween(LEAST / 2, MOST / 2);
  }

  @Example
  void whatFailedLongAgoIsForgotten() {
    breaker.tell(60, 40);
    assertThat(breaker.failureRate()).isEqualTo(0.4, within(0.01));
    assertThat(breaker.isOpen()).isFalse();

    breaker.tell(MOST, 0);

    assertThat(breaker.failureRate()).isZero();
  }

  @Example
  void ofSixTrialsMoreThanHalfHaveToBeGood() {
    for (int bad = 0; bad <= Breaker.TRIAL_CALLS; bad++) {
      Breaker onTrial = new Breaker(HealthPolicy.standard());
      onTrial.open();
      onTrial.halfOpen();
      onTrial.tell(Breaker.TRIAL_CALLS - bad, bad);

      assertThat(onTrial.isHalfOpen()).isFalse();
      assertThat(onTrial.isOpen()).as("%d bad", bad).isEqualTo(2 * bad >= Breaker.TRIAL_CALLS);
    }
  }

  @Example
  void whatWasBeforeATrialSaysNothingAfterIt() {
    breaker.tell(60, 40);
    breaker.open();
    breaker.halfOpen();
    breaker.tell(Breaker.TRIAL_CALLS, 0);

    breaker.tell(80, 20);

    assertThat(breaker.failureRate()).isEqualTo(0.2, within(0.01));
  }
}
