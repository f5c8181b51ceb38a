package io.inferencerouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GpuTest {
  private static double input(Gpu gpu) {
    return gpu.profile().inputRate();
  }

  private static double output(Gpu gpu) {
    return gpu.profile().outputRate();
  }

  @Test
  void anH100IsThreeTimesAnA100InPromptsButNotTwiceInOutput() {
    assertThat(input(Gpu.H100) / input(Gpu.A100)).isBetween(3.1, 3.4);
    assertThat(output(Gpu.H100) / output(Gpu.A100)).isBetween(1.65, 1.75);
  }

  @Test
  void anH200HasMoreBandwidthButNoMoreArithmetic() {
    assertThat(input(Gpu.H200)).isEqualTo(input(Gpu.H100));
    assertThat(output(Gpu.H200) / output(Gpu.H100)).isBetween(1.0, 4.8 / 3.35);
    assertThat(Gpu.H200.memoryBudget()).isGreaterThan(Gpu.H100.memoryBudget());
  }

  @ParameterizedTest
  @CsvSource({
    "H200, 4.8e12", "H100, 3.35e12", "A100, 2.039e12", "L40S, 8.64e11",
    "A10G, 6.0e11", "L4, 3.0e11", "V100, 9.0e11", "T4, 3.2e11"
  })
  void aTokenTakesLongerThanReadingTheWeightsButNotTwiceAsLong(Gpu gpu, double bandwidth) {
    double reading = Gpu.REFERENCE_MODEL * 1e9 * 2 / bandwidth;

    assertThat(1 / output(gpu)).isBetween(reading, 2 * reading);
  }

  @ParameterizedTest
  @CsvSource({
    "H200, 989e12", "H100, 989e12", "A100, 312e12", "L40S, 362e12",
    "A10G, 70e12", "L4, 121e12", "V100, 125e12", "T4, 65e12"
  })
  void aPromptNeedsLessThanTheArithmeticThatTheCardHas(Gpu gpu, double flops) {
    double used = input(gpu) * 2 * Gpu.REFERENCE_MODEL * 1e9 / flops;

    assertThat(used).isBetween(0.4, 0.85);
  }

  @ParameterizedTest
  @CsvSource({
    "H200, 150.8",
    "H100, 85.5",
    "A100, 85.9",
    "L40S, 48.3",
    "A10G, 25.8",
    "L4, 25.8",
    "V100, 34.4"
  })
  void theMemoryBudgetFitsBesideTheWeights(Gpu gpu, double gigabytes) {
    double cache = gpu.memoryBudget() * 131_072e-9;

    assertThat(cache + 2 * Gpu.REFERENCE_MODEL).isBetween(0.8 * gigabytes, 0.92 * gigabytes);
  }

  @ParameterizedTest
  @EnumSource
  void aPresetMakesAnEndpoint(Gpu gpu) {
    Endpoint endpoint =
        Endpoint.builder(gpu.name(), "http://localhost:8000")
            .profile(gpu.profile())
            .memoryBudget(gpu.memoryBudget())
            .build();

    assertThat(endpoint.profile()).contains(gpu.profile());
    assertThat(endpoint.memoryBudget()).isEqualTo(gpu.memoryBudget());
  }

  @ParameterizedTest
  @EnumSource
  void aLargerModelIsSlowerInEveryWay(Gpu gpu) {
    HardwareProfile large = gpu.forModelOf(2 * Gpu.REFERENCE_MODEL);

    assertThat(large.inputRate()).isEqualTo(input(gpu) / 2, within(1e-6));
    assertThat(output(gpu) / large.outputRate()).isBetween(1.6, 2.0);
    assertThat(large.overhead()).isGreaterThan(gpu.profile().overhead());
  }

  /** The decode steps that NVIDIA's AIConfigurator states for a batch of one, in milliseconds. */
  @ParameterizedTest
  @CsvSource({
    "A100, 32.8, 2, 24.2",
    "H100, 32.8, 2, 13.9",
    "A100, 70.6, 4, 27.9",
    "H100, 70.6, 4, 15.5"
  })
  void aGroupOfCardsDecodesAboutAsMeasuredLessItsCommunication(
      Gpu gpu, double billions, int cards, double millis) {
    double predicted = 1000 / gpu.forModelOf(billions / cards).outputRate();

    assertThat(predicted / millis).isBetween(0.82, 1.0);
  }

  @Test
  void aTinyModelIsBoundByWhatDoesNotShrink() {
    assertThat(Gpu.H100.forModelOf(0.01).outputRate()).isBetween(300.0, 500.0);
  }

  @Test
  void aHugeModelStillHasAProfile() {
    assertThat(Gpu.T4.forModelOf(10_000).overhead()).isLessThanOrEqualTo(Duration.ofMinutes(1));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, 10_001})
  void sizesOutOfRangeAreRefused(double billions) {
    assertThatThrownBy(() -> Gpu.L4.forModelOf(billions))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("billionParameters: " + billions + " (expected: ");
  }
}
