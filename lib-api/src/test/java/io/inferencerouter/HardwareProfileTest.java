package io.inferencerouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HardwareProfileTest {
  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void ratesOutOfRangeAreRefused(double rate) {
    assertThatThrownBy(() -> HardwareProfile.builder(rate, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("inputRate: " + rate + " (expected: ");
    assertThatThrownBy(() -> HardwareProfile.builder(1, rate))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("outputRate: " + rate + " (expected: ");
  }

  @Test
  void otherValuesOutOfRangeAreRefused() {
    HardwareProfile.Builder builder = HardwareProfile.builder(1, 1);

    assertThatThrownBy(() -> builder.concurrencyPenalty(-0.1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.parallelism(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.overhead(Duration.ofMinutes(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("overhead: PT2M (expected: at most PT1M)");
  }

  @Test
  void theDefaultsAreStated() {
    HardwareProfile profile = HardwareProfile.builder(100, 10).build();

    assertThat(profile.concurrencyPenalty()).isEqualTo(HardwareProfile.DEFAULT_CONCURRENCY_PENALTY);
    assertThat(profile.parallelism()).isEqualTo(HardwareProfile.DEFAULT_PARALLELISM);
    assertThat(profile.overhead()).isEqualTo(Duration.ZERO);
    assertThat(profile).isEqualTo(HardwareProfile.builder(100, 10).build());
  }
}
