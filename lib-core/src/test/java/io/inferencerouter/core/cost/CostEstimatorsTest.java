package io.inferencerouter.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CostEstimatorsTest {
  private static InferenceRequest of(InputUnit unit, long size) {
    return InferenceRequest.forAnyModel().input(unit, size).build();
  }

  @Test
  void textCostsWhatItsMostExactSizeSays() {
    CostEstimator text = CostEstimators.text();

    assertThat(text.inputWork(of(InputUnit.TOKENS, 70))).isEqualTo(70);
    assertThat(text.inputWork(of(InputUnit.CHARACTERS, 400))).isEqualTo(100);
    assertThat(text.inputWork(of(InputUnit.PAGES, 3))).isEqualTo(1_500);
    assertThat(text.inputWork(of(InputUnit.BYTES, 400))).isEqualTo(100);
    assertThat(text.inputWork(of(InputUnit.IMAGES, 2))).isEqualTo(1_600);
    assertThat(text.inputWork(InferenceRequest.anyModel())).isEqualTo(500);
    assertThat(
            text.inputWork(
                InferenceRequest.forAnyModel()
                    .input(InputUnit.TOKENS, 10)
                    .input(InputUnit.CHARACTERS, 4_000)
                    .input(InputUnit.IMAGES, 1)
                    .build()))
        .isEqualTo(810);
  }

  @Test
  void theLimitOfTheOutputIsOnlyABound() {
    CostEstimator text = CostEstimators.text();

    assertThat(text.outputWork(InferenceRequest.anyModel())).isEqualTo(250);
    assertThat(text.outputWork(InferenceRequest.forAnyModel().outputLimit(40_000).build()))
        .isEqualTo(250);
    assertThat(text.outputWork(InferenceRequest.forAnyModel().outputLimit(16).build()))
        .isEqualTo(16);
    assertThat(text.outputWork(InferenceRequest.forAnyModel().outputLimit(0).build())).isZero();
  }

  @Test
  void textCanBeTunedToATokenizer() {
    CostEstimator text =
        TextCostEstimator.builder()
            .charactersPerToken(2)
            .tokensPerPage(100)
            .tokensPerImage(1)
            .expectedOutput(7)
            .build();

    assertThat(text.inputWork(of(InputUnit.CHARACTERS, 400))).isEqualTo(200);
    assertThat(text.inputWork(of(InputUnit.PAGES, 2))).isEqualTo(200);
    assertThat(text.inputWork(of(InputUnit.IMAGES, 2))).isEqualTo(2);
    assertThat(text.outputWork(InferenceRequest.anyModel())).isEqualTo(7);
  }

  @Test
  void workPerUnitFollowsThatUnit() {
    CostEstimator pages = CostEstimators.perUnit(InputUnit.PAGES, 2, 0.5);

    assertThat(pages.inputWork(of(InputUnit.PAGES, 50))).isEqualTo(100);
    assertThat(pages.outputWork(of(InputUnit.PAGES, 50))).isEqualTo(25);
    assertThat(pages.inputWork(of(InputUnit.BYTES, 50))).isEqualTo(2);
  }

  @Test
  void constantWorkIsConstant() {
    CostEstimator constant = CostEstimators.constant(3, 4);

    assertThat(constant.inputWork(of(InputUnit.PAGES, 50))).isEqualTo(3);
    assertThat(constant.outputWork(InferenceRequest.anyModel())).isEqualTo(4);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> CostEstimators.constant(-1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CostEstimators.perUnit(InputUnit.PAGES, 1, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TextCostEstimator.builder().charactersPerToken(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("charactersPerToken: 0.0 (expected: 0.1 to 100)");
  }

  @Test
  void textTakesLongerThanInProportionAndEverythingElseDoesNot() {
    assertThat(CostEstimators.text().doublingInput()).isEqualTo(40_000);
    assertThat(TextCostEstimator.builder().doublingInput(7).build().doublingInput()).isEqualTo(7);
    assertThat(CostEstimators.perUnit(InputUnit.PAGES, 1, 1).doublingInput()).isInfinite();
    assertThat(CostEstimators.constant(1, 1).doublingInput()).isInfinite();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.0, -1, Double.NEGATIVE_INFINITY, Double.NaN})
  void anInputThatDoublesIsAboveZero(double doubling) {
    assertThatThrownBy(() -> TextCostEstimator.builder().doublingInput(doubling))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("doublingInput: " + doubling + " (expected: above 0)");
  }
}
