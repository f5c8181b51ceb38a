package io.inferencerouter.core.internal.learning;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class EvidenceTest {
  @Test
  void noneIsNothingOfBoth() {
    assertThat(Evidence.first(Evidence.NONE)).isZero();
    assertThat(Evidence.second(Evidence.NONE)).isZero();
    assertThat(Evidence.of(0, 0)).isEqualTo(Evidence.NONE);
  }

  @Property
  void bothSumsComeBackAsTheyWerePacked(@ForAll float first, @ForAll float second) {
    long word = Evidence.of(first, second);

    assertThat(Evidence.first(word)).isEqualTo(first);
    assertThat(Evidence.second(word)).isEqualTo(second);
  }

  @Property
  void eachSumGrowsByItsOwn(
      @ForAll @FloatRange(max = 1e6f) float a,
      @ForAll @FloatRange(max = 1e6f) float b,
      @ForAll @FloatRange(max = 1e6f) float c,
      @ForAll @FloatRange(max = 1e6f) float d) {
    long word = Evidence.plus(Evidence.of(a, b), c, d);

    assertThat(Evidence.first(word)).isEqualTo(a + c);
    assertThat(Evidence.second(word)).isEqualTo(b + d);
  }

  @Property
  void forgettingKeepsTheRatio(
      @ForAll @FloatRange(min = 0.01f, max = 1e6f) float first,
      @ForAll @FloatRange(min = 0.01f, max = 1e6f) float second,
      @ForAll @FloatRange(min = 0.01f, max = 1) float kept) {
    long word = Evidence.times(Evidence.of(first, second), kept);

    assertThat(Evidence.second(word)).isEqualTo(second * kept);
    float ratio = (Evidence.first(word) / Evidence.second(word)) / (first / second);
    assertThat(ratio).isBetween(0.999f, 1.001f);
  }
}
