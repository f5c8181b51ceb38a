package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class TypicalRequestTest {
  private final TypicalRequest typical = new TypicalRequest();

  @Test
  void beforeAnyIsAnsweredTheFirstThatWasSentIsTheUsualOne() {
    assertThat(typical.asMany(40)).isZero();

    typical.sent(20);
    typical.sent(1_000);

    assertThat(typical.asMany(40)).isEqualTo(2);
    assertThat(typical.burden(20)).isEqualTo(1);
  }

  @Test
  void contextsAreComparedWithTheirMean() {
    typical.sent(1_000);
    typical.saw(500, 10);
    typical.saw(500, 30);

    assertThat(typical.asMany(20)).isCloseTo(1, within(1e-6));
    assertThat(typical.asMany(100)).isCloseTo(5, within(1e-6));
    assertThat(typical.burden(10)).isCloseTo(0.75, within(1e-6));
  }

  @Property
  void aBurdenIsFromAHalfToOneAndNoLighterForLongerContexts(
      @ForAll @NotEmpty List<@IntRange(min = 1, max = Generation.MAX_CONTEXT) Integer> seen,
      @ForAll @IntRange(min = 1, max = Generation.MAX_CONTEXT) int some,
      @ForAll @IntRange(min = 1, max = Generation.MAX_CONTEXT) int other) {
    TypicalRequest requests = new TypicalRequest();
    seen.forEach(context -> requests.saw(1, context));

    assertThat(requests.burden(some)).isBetween(0.5, 1.0);
    assertThat(requests.burden(Math.max(some, other)))
        .isGreaterThanOrEqualTo(requests.burden(Math.min(some, other)));
  }

  @Test
  void anInputIsExceptionalFromSixteenTimesTheMeanOnOnceTwentyWereSeen() {
    for (int i = 0; i < 19; i++) {
      typical.saw(100, 5);
    }
    assertThat(typical.exceptional()).isEqualTo(Double.MAX_VALUE);
    assertThat(typical.isLarge(1e9)).isFalse();

    typical.saw(100, 5);

    assertThat(typical.exceptional()).isCloseTo(1_600, within(1e-3));
    assertThat(typical.isLarge(401)).isTrue();
    assertThat(typical.isLarge(399)).isFalse();
  }
}
