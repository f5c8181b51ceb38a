package io.inferencerouter.examples.demo.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.examples.embedding.LoadedModel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CalibrationTest {
  @Test
  void nominalTimeIsProportionalToTokens() {
    Calibration calibration = new Calibration(125_000);

    assertThat(calibration.nominal(0)).isEqualTo(Duration.ZERO);
    assertThat(calibration.nominal(800)).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void aMeasurementGivesATime() throws Exception {
    Calibration measured =
        Calibration.measure(
            LoadedModel.get(), List.of("Freight and packing for 12 pallets."), Duration.ZERO);

    assertThat(measured.nanosPerToken()).isPositive();
  }

  @Test
  void theUnitCanBeLimited() {
    assertThat(new Calibration(200).atMost(150)).isEqualTo(new Calibration(150));
    assertThat(new Calibration(100).atMost(150)).isEqualTo(new Calibration(100));
  }

  @Test
  void aTimeOfZeroIsRefused() {
    assertThatThrownBy(() -> new Calibration(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("nanosPerToken: 0.0 (expected: a number above zero)");
  }
}
