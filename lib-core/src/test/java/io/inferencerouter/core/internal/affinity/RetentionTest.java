package io.inferencerouter.core.internal.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private final SplittableRandom random = new SplittableRandom(1);

  /** After reports of an endpoint that keeps exactly so many blocks. */
  private long after(long retention, int reports, long capacity) {
    long learned = retention;
    for (int i = 0; i < reports; i++) {
      long age = 1L << random.nextInt(14);
      learned = Retention.learned(learned, age, age <= capacity ? 1 : 0);
    }
    return learned;
  }

  @Test
  void everythingIsKeptUntilSomethingIsMissed() {
    long retention = Retention.learned(Retention.UNLIMITED, 1 << 20, 1);

    assertThat(retention).isEqualTo(Retention.UNLIMITED);
    assertThat(Retention.kept(retention, Integer.MAX_VALUE)).isEqualTo(1);
  }

  @Test
  void whatIsMissedFirstIsTheRetention() {
    long retention = Retention.learned(Retention.UNLIMITED, 400, 0);

    assertThat(Retention.kept(retention, 200)).isGreaterThan(0.9);
    assertThat(Retention.kept(retention, 400)).isCloseTo(0.5, within(1e-3));
    assertThat(Retention.kept(retention, 800)).isLessThan(0.1);
  }

  @Test
  void theYoungIsBelievedAndTheOldIsNot() {
    long retention = after(Retention.UNLIMITED, 500, 700);

    assertThat(Retention.kept(retention, 300)).isGreaterThan(0.85);
    assertThat(Retention.kept(retention, 2_000)).isLessThan(0.15);
  }

  @Test
  void aCacheThatGrowsOrShrinksIsFollowed() {
    long large = after(after(Retention.UNLIMITED, 500, 100), 500, 5_000);
    long small = after(after(Retention.UNLIMITED, 500, 5_000), 500, 100);

    assertThat(Retention.kept(large, 1_500)).isGreaterThan(0.85);
    assertThat(Retention.kept(small, 500)).isLessThan(0.15);
  }

  @Test
  void whatWasToBeExpectedTeachesNothing() {
    long retention = Retention.word(1f / 500, 50);

    assertThat(Retention.perBlock(Retention.learned(retention, 10, 1))).isEqualTo(1f / 500);
    assertThat(Retention.perBlock(Retention.learned(retention, 50_000, 0)))
        .isCloseTo(1f / 500, within(1e-8f));
  }

  @Test
  void whereNothingIsEverKeptTheRetentionStaysOneBlock() {
    long retention = after(Retention.UNLIMITED, 10_000, 0);

    assertThat(Retention.perBlock(retention)).isEqualTo(1);
    assertThat(Retention.kept(after(retention, 300, 1_000), 100)).isGreaterThan(0.9);
  }
}
