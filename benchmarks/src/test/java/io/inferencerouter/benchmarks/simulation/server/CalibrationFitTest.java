package io.inferencerouter.benchmarks.simulation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole grids are compared if the system property or the environment variable {@value
 * #PROPERTY} or {@value #VARIABLE} names their directory.
 */
final class CalibrationFitTest {
  static final String PROPERTY = "calibration.directory";
  static final String VARIABLE = "CALIBRATION_DIRECTORY";

  @Test
  void pointsOfTheGridsTakeWhatTheirFitsSay() {
    assertThat(SimulatedTimes.prefill(Endpoints.H100, 16_384))
        .isCloseTo(5.92 + 0.0146 * 16_384 + 9.42e-7 * 16_384 * 16_384, within(1e-5));
    assertThat(SimulatedTimes.decodeStep(Endpoints.A100, 2, 1024))
        .isCloseTo(11.12 + 0.0291 * 2 + 8.14e-5 * 2048, within(1e-5));
    assertThat(SimulatedTimes.encode(Endpoints.H100, 1, 2048)).isCloseTo(4.5245, within(0.25));
  }

  @Test
  void wholeGridsFitAsWellAsTheirFitsSay() throws IOException {
    String directory = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    assumeTrue(directory != null, "no directory in " + PROPERTY + " or " + VARIABLE);
    assumeTrue(Files.isDirectory(Path.of(directory)), "no such directory: " + directory);

    List<FitRow> rows = CalibrationFit.run(Path.of(directory));

    for (FitRow row : rows) {
      assertThat(row.points()).isPositive();
      assertThat(row.meanError()).as("%s", row).isCloseTo(row.statedMeanError(), within(0.1));
      assertThat(row.maxError()).as("%s", row).isCloseTo(row.statedMaxError(), within(0.2));
    }
  }

  @Test
  void aMalformedNumberIsNamedWithFileAndLine(@TempDir Path folder) throws IOException {
    String fits =
        "source,gpu,model,tp,prefill_a_ms,prefill_b_ms_per_tok,prefill_c_ms_per_tok2,decode_c_ms,"
            + "decode_d_ms_per_seq,decode_e_ms_per_kv_tok\naiconfigurator,g,m,1,5,x,0,6,0,0\n";
    Files.writeString(folder.resolve("fits.csv"), fits);
    Files.writeString(folder.resolve("aic_prefill_ms.csv"), "gpu,model,tp\ng,m,1\n");
    Files.writeString(folder.resolve("aic_decode_ms.csv"), "gpu,model,tp\ng,m,1\n");

    assertThatThrownBy(() -> CalibrationFit.run(folder))
        .hasMessage(
            "%s:2: prefill_b_ms_per_tok: x (expected: a number)", folder.resolve("fits.csv"));
  }
}
