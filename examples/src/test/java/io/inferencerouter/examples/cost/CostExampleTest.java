package io.inferencerouter.examples.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.examples.CapturedOutput;
import org.junit.jupiter.api.Test;

class CostExampleTest {
  @Test
  void theOutputOfATranslationGrowsWithItsInput() {
    InferenceRequest request =
        InferenceRequest.forAnyModel().input(InputUnit.CHARACTERS, 4000).outputLimit(16).build();

    assertThat(new TranslationCost().inputWork(request)).isEqualTo(1000);
    assertThat(new TranslationCost().outputWork(request)).isEqualTo(1200);
  }

  @Test
  void theEstimateDecidesWhoTranslates() throws Exception {
    assertThat(CapturedOutput.of(() -> CostExample.main(new String[0])).lines())
        .containsExactly(
            "general estimate:     Answered by the fast reader",
            "translation estimate: Answered by the fast writer");
  }
}
