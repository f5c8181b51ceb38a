package io.inferencerouter.benchmarks.simulation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

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
}
