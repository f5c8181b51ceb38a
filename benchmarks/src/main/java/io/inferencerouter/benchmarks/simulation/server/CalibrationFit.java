package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

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
   * @throws IOException if a file is missing or malformed
   */
  public static List<FitRow> run(Path calibration) throws IOException {
    List<CSVRecord> prefill = read(calibration.resolve("aic_prefill_ms.csv"));
    List<CSVRecord> decode = read(calibration.resolve("aic_decode_ms.csv"));
    List<FitRow> rows = new ArrayList<>();
    for (CSVRecord fit : read(calibration.resolve("fits.csv"))) {
      if (fit.get("source").equals(GRID_SOURCE)) {
        GpuModel gpu = gpu(fit);
        rows.add(
            compare(
                fit,
                "prefill",
                of(fit, prefill),
                "prefill_ms",
                point -> SimulatedTimes.prefill(gpu, integer(point, "prompt_tokens"))));
        rows.add(
            compare(
                fit,
                "decode",
                of(fit, decode),
                "decode_step_ms",
                point ->
                    SimulatedTimes.decodeStep(
                        gpu, integer(point, "batch"), integer(point, "context_tokens"))));
      }
    }
    rows.add(encoder(calibration));
    return List.copyOf(rows);
  }

  /** The encoder's coefficients are those of the simulated endpoint, not those of the file. */
  private static FitRow encoder(Path calibration) throws IOException {
    GpuModel reference =
        new GpuModel("H100", 0, ReferenceGpu.READ_TOKEN_MILLIS, 0, 0, 0, 0, MEMORY);
    CSVRecord fit = read(calibration.resolve("encoder_fits.csv")).get(0);
    Errors errors = new Errors();
    for (CSVRecord point : read(calibration.resolve("encoder_ms.csv"))) {
      double simulated =
          SimulatedTimes.encode(reference, integer(point, "batch"), integer(point, "seq_tokens"));
      errors.add(simulated, number(point, "forward_ms"));
    }
    return new FitRow(
        fit.get("gpu"),
        fit.get("model"),
        "encode",
        errors.count,
        errors.mean(),
        errors.max,
        number(fit, "mape_pct"),
        number(fit, "max_err_pct"));
  }

  private static FitRow compare(
      CSVRecord fit,
      String work,
      List<CSVRecord> points,
      String measured,
      ToDoubleFunction<CSVRecord> simulated) {
    Errors errors = new Errors();
    for (CSVRecord point : points) {
      errors.add(simulated.applyAsDouble(point), number(point, measured));
    }
    return new FitRow(
        fit.get("gpu"),
        fit.get("model") + " ×" + fit.get("tp"),
        work,
        errors.count,
        errors.mean(),
        errors.max,
        number(fit, work + "_mape_pct"),
        number(fit, work + "_max_err_pct"));
  }

  private static GpuModel gpu(CSVRecord fit) {
    return new GpuModel(
        fit.get("gpu"),
        number(fit, "prefill_a_ms"),
        number(fit, "prefill_b_ms_per_tok"),
        number(fit, "prefill_c_ms_per_tok2"),
        number(fit, "decode_c_ms"),
        number(fit, "decode_d_ms_per_seq"),
        number(fit, "decode_e_ms_per_kv_tok"),
        MEMORY);
  }

  private static List<CSVRecord> of(CSVRecord fit, List<CSVRecord> grid) {
    return grid.stream()
        .filter(
            point ->
                point.get("gpu").equals(fit.get("gpu"))
                    && point.get("model").equals(fit.get("model"))
                    && point.get("tp").equals(fit.get("tp")))
        .toList();
  }

  private static List<CSVRecord> read(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        CSVParser parser = CSV.parse(reader)) {
      List<CSVRecord> records = parser.getRecords();
      if (records.isEmpty()) {
        throw new IOException(file + ": no rows");
      }
      return records;
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static int integer(CSVRecord row, String column) {
    return Integer.parseInt(row.get(column));
  }

  private static double number(CSVRecord row, String column) {
    return Double.parseDouble(row.get(column));
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
