package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GenerationTest {
  @Test
  void aContextIsInputAndHalfOfTheOutputAndSomethingForEach() {
    assertThat(Generation.contextOf(0, 0)).isEqualTo(256 / 64);
    assertThat(Generation.contextOf(6_400, 1_280)).isEqualTo((6_400 + 640 + 256) / 64);
    assertThat(Generation.contextOf(1e9f, 0)).isEqualTo(Generation.MAX_CONTEXT);
    assertThat(Generation.contextOf(Float.MAX_VALUE, Float.MAX_VALUE))
        .isEqualTo(Generation.MAX_CONTEXT);
  }

  @Test
  void outputIsInWholeMillisecondsAndNeverMoreThanItWas() {
    assertThat(Generation.inSteps(12_999)).isEqualTo(12_000);
    assertThat(Generation.inSteps(999)).isZero();
    long word = Generation.of(12_000, 7);
    assertThat(Generation.outputMicros(word)).isEqualTo(12_000);
    assertThat(Generation.context(word)).isEqualTo(7);
  }
}
