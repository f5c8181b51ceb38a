package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How often there is time to look at all candidates: 10 ns each, in a quarter of 1 % of the time.
 */
class LookingAtAllTest {
  private static final int SIZE = 64;
  private static final long INTERVAL = SIZE * 4_000L;

  private static CandidateSet set(int size) {
    Map<String, Member> members = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      members.put("e" + i, Member.joining(Endpoint.of("e" + i, "http://e" + i), 0));
    }
    return Fleet.empty(HardwareProfile.builder(1_000, 50).build(), 0, () -> 1)
        .withMembers(members)
        .candidates("");
  }

  /** Readings of a clock with any origin, also where it overflows, and around 0. */
  @ParameterizedTest
  @ValueSource(
      longs = {
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        -INTERVAL - 1,
        0,
        1,
        INTERVAL,
        Long.MAX_VALUE - INTERVAL,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE
      })
  void thereIsTimeAtOnceAndAgainAfterEachInterval(long origin) {
    CandidateSet set = set(SIZE);
    for (int round = 0; round < 5; round++) {
      long now = origin + round * INTERVAL;
      assertThat(set.mayLookAtAll(now)).as("round %d", round).isTrue();
      assertThat(set.mayLookAtAll(now)).isFalse();
      assertThat(set.mayLookAtAll(now + 1)).isFalse();
      assertThat(set.mayLookAtAll(now + INTERVAL - 1)).isFalse();
    }
  }

  @Test
  void aClockThatBeginsJustBeforeZeroPutsTheFirstLookOffByAnIntervalAtMost() {
    for (long origin : new long[] {-INTERVAL, -INTERVAL / 2, -1}) {
      assertThat(set(SIZE).mayLookAtAll(origin + INTERVAL)).isTrue();
    }
  }

  @Property(tries = 300)
  void allLooksTogetherTakeAtMostOnePercentOfTheTime(
      @ForAll long origin,
      @ForAll @IntRange(min = 1, max = 200) int size,
      @ForAll @IntRange(min = 1, max = 3_000) int step) {
    CandidateSet set = set(size);
    int requests = 500;
    int looks = 0;
    for (int i = 0; i < requests; i++) {
      looks += set.mayLookAtAll(origin + (long) i * step) ? 1 : 0;
    }

    long stepsApart = Math.max(1, (size * 4_000L + step - 1) / step);
    assertThat(looks * (size * 10L)).isLessThanOrEqualTo(requests * (long) step / 400 + size * 10L);
    assertThat(looks).isGreaterThanOrEqualTo((int) (requests / stepsApart) - 1);
  }

  @Test
  void aClockThatGoesBackDoesNotEndIt() {
    CandidateSet set = set(SIZE);
    assertThat(set.mayLookAtAll(1_000_000_000)).isTrue();

    assertThat(set.mayLookAtAll(0)).isTrue();
    assertThat(set.mayLookAtAll(1)).isFalse();
  }

  @Test
  void eachSetHasATimeOfItsOwn() {
    CandidateSet one = set(SIZE);
    CandidateSet other = set(SIZE);

    assertThat(one.mayLookAtAll(5)).isTrue();
    assertThat(other.mayLookAtAll(5)).isTrue();
    assertThat(one.mayLookAtAll(6)).isFalse();
  }
}
