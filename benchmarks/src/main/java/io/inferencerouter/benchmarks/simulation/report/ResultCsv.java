package io.inferencerouter.benchmarks.simulation.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * Results as CSV: the fields of {@link ResultJson} in the same order, with {@code ttft_ms_p99} for
 * what is nested there, and nothing for null.
 */
public final class ResultCsv {
  private ResultCsv() {}

  /** The header and a line for each run. */
  public static String of(List<Row> rows, Bounds bounds) {
    StringBuilder text = new StringBuilder();
    CSVFormat format = CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get();
    try (CSVPrinter printer = new CSVPrinter(text, format)) {
      boolean first = true;
      for (Row row : rows) {
        Map<String, String> cells = flat(ResultJson.object(row, bounds));
        if (first) {
          printer.printRecord(cells.keySet());
          first = false;
        }
        printer.printRecord(cells.values());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** All fields, those of nested objects with both names. */
  static Map<String, String> flat(ObjectNode json) {
    Map<String, String> cells = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (field.getValue() instanceof ObjectNode nested) {
        flat(nested).forEach((name, value) -> cells.put(field.getKey() + "_" + name, value));
      } else {
        cells.put(field.getKey(), field.getValue().isNull() ? "" : field.getValue().asText());
      }
    }
    return cells;
  }
}
