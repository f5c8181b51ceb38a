package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.fleet.ReferenceGpu;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;

/**
 * How well the simulated endpoints fit calibration grids: each point of a grid is run on a fresh
 * endpoint, as requests, and the time that it took is compared with the one measured.
 *
 * <p>The directory holds {@code fits.csv} with the coefficients, {@code aic_prefill_ms.csv} and
 * {@code aic_decode_ms.csv} with the grids that they were fitted to, and {@code encoder_fits.csv}
 * with {@code encoder_ms.csv}. Fits without a grid are left out.
 */
public final class CalibrationFit {
  private static final CSVFormat CSV =
      CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();

  /** Whose fits the grids belong to. */
  private static final String GRID_SOURCE = "aiconfigurator";

  /** Enough for each point of the grids: they were measured in memory, whatever is left for it. */
  private static final long MEMORY = 1L << 40;

  private CalibrationFit() {}

  /**
   * Runs all grids.
   *
   * @param calibration the directory
   * @throws IOException if a file is missing or no CSV
   * @throws IllegalArgumentException if a cell is malformed
   */
  public static List<FitRow> run(Path calibration) throws IOException {
    List<CalibrationRow> prefill = read(calibration.resolve("aic_prefill_ms.csv"));
    List<CalibrationRow> decode = read(calibration.resolve("aic_decode_ms.csv"));
    List<FitRow> rows = new ArrayList<>();
    for (CalibrationRow fit : read(calibration.resolve("fits.csv"))) {
      if (fit.text("source").equals(GRID_SOURCE)) {
        GpuModel gpu = gpu(fit);
        rows.add(
            compare(
                fit,
                "prefill",
                of(fit, prefill),
                "prefill_ms",
                point -> SimulatedTimes.prefill(gpu, point.integer("prompt_tokens"))));
        rows.add(
            compare(
                fit,
                "decode",
                of(fit, decode),
                "decode_step_ms",
                point ->
                    SimulatedTimes.decodeStep(
                        gpu, point.integer("batch"), point.integer("context_tokens"))));
      }
    }
    rows.add(encoder(calibration));
    return List.copyOf(rows);
  }

  /** The encoder's coefficients are those of the simulated endpoint, not those of the file. */
  private static FitRow encoder(Path calibration) throws IOException {
    GpuModel reference = new GpuModel("H100", 0, ReferenceGpu.MODEL.b(), 0, 0, 0, 0, MEMORY);
    CalibrationRow fit = read(calibration.resolve("encoder_fits.csv")).get(0);
    Errors errors = new Errors();
    for (CalibrationRow point : read(calibration.resolve("encoder_ms.csv"))) {
      double simulated =
          SimulatedTimes.encode(reference, point.integer("batch"), point.integer("seq_tokens"));
      errors.add(simulated, point.number("forward_ms"));
    }
    return new FitRow(
        fit.text("gpu"),
        fit.text("model"),
        "encode",
        errors.count,
        errors.mean(),
        errors.max,
        fit.number("mape_pct"),
        fit.number("max_err_pct"));
  }

  private static FitRow compare(
      CalibrationRow fit,
      String work,
      List<CalibrationRow> points,
      String measured,
      ToDoubleFunction<CalibrationRow> simulated) {
    Errors errors = new Errors();
    for (CalibrationRow point : points) {
      errors.add(simulated.applyAsDouble(point), point.number(measured));
    }
    return new FitRow(
        fit.text("gpu"),
        fit.text("model") + " ×" + fit.text("tp"),
        work,
        errors.count,
        errors.mean(),
        errors.max,
        fit.number(work + "_mape_pct"),
        fit.number(work + "_max_err_pct"));
  }

  private static GpuModel gpu(CalibrationRow fit) {
    return new GpuModel(
        fit.text("gpu"),
        fit.number("prefill_a_ms"),
        fit.number("prefill_b_ms_per_tok"),
        fit.number("prefill_c_ms_per_tok2"),
        fit.number("decode_c_ms"),
        fit.number("decode_d_ms_per_seq"),
        fit.number("decode_e_ms_per_kv_tok"),
        MEMORY);
  }

  private static List<CalibrationRow> of(CalibrationRow fit, List<CalibrationRow> grid) {
    return grid.stream()
        .filter(
            point ->
                point.text("gpu").equals(fit.text("gpu"))
                    && point.text("model").equals(fit.text("model"))
                    && point.text("tp").equals(fit.text("tp")))
        .toList();
  }

  private static List<CalibrationRow> read(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        CSVParser parser = CSV.parse(reader)) {
      List<CalibrationRow> rows =
          parser.stream().map(cells -> new CalibrationRow(file, cells)).toList();
      if (rows.isEmpty()) {
        throw new IOException(file + ": no rows");
      }
      return rows;
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static final class Errors {
    private int count;
    private double sum;
    private double max;

    void add(double simulated, double measured) {
      double error = 100 * Math.abs(simulated - measured) / measured;
      count++;
      sum += error;
      max = Math.max(max, error);
    }

    double mean() {
      return count == 0 ? 0 : sum / count;
    }
  }
}
