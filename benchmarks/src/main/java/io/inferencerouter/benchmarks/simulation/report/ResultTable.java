package io.inferencerouter.benchmarks.simulation.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import java.util.List;
import java.util.Locale;

/** Results as tables for a terminal. */
public final class ResultTable {
  private ResultTable() {}

  /**
   * A table for each setting, and under it how the default compares; the last line is what nobody
   * can beat.
   */
  public static String of(Comparison comparison, Bounds bounds) {
    StringBuilder text = new StringBuilder();
    for (Setting setting : comparison.settings()) {
      SettingTable table = new SettingTable(comparison, setting, bounds);
      text.append(text.isEmpty() ? "" : "\n").append(setting).append(seeds(comparison, setting));
      text.append('\n').append(table(table.header(), table.cells())).append('\n');
      if (table.hasInformed()) {
        text.append("  * is told the true weights, or the load that endpoints report\n");
      }
      if (table.hasInfinite()) {
        text.append(
            "  ∞: so many of the requests failed or were lost that the percentile is one of them\n");
      }
      if (table.hasTenants()) {
        text.append(
            "  Jain's index of tenants' slowness, 1 is even; largest P99 over smallest among tenants"
                + "\n");
      }
      for (Metric metric : Metric.values()) {
        text.append(verdict(comparison, setting, metric));
      }
    }
    if (comparison.hasOneSeed()) {
      text.append("\nOne seed does not tell differences from chance; --seed 1,2,3 does\n");
    }
    return text.toString();
  }

  /** Cells under a header; numbers to the right. */
  public static String table(List<String> header, List<List<String>> cells) {
    Column[] columns = new Column[header.size()];
    for (int i = 0; i < columns.length; i++) {
      HorizontalAlign align = i == 0 ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT;
      columns[i] = new Column().header(header.get(i)).headerAlign(align).dataAlign(align);
    }
    return AsciiTable.builder()
        .lineSeparator("\n")
        .border(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS_NO_OUTSIDE_BORDER)
        .data(columns, cells.stream().map(line -> line.toArray()).toArray(Object[][]::new))
        .asString();
  }

  private static String seeds(Comparison comparison, Setting setting) {
    int seeds = comparison.rows(setting, comparison.policies(setting).get(0)).size();
    return seeds == 1 ? "" : ", medians of " + seeds + " seeds";
  }

  private static String verdict(Comparison comparison, Setting setting, Metric metric) {
    StringBuilder line = new StringBuilder();
    comparison
        .best(setting, metric, Comparison.RIVALS)
        .ifPresent(
            rival -> {
              line.append(
                  String.format(
                      Locale.ROOT,
                      "  %s: the best rival is %s with %s ms",
                      metric.title(),
                      rival,
                      Numbers.millis(comparison.median(setting, rival, metric))));
              comparison
                  .ratio(setting, metric, Comparison.DEFAULT, rival)
                  .ifPresent(ratio -> line.append("; default/best ").append(ratio));
            });
    comparison
        .ratio(setting, metric, Comparison.DEFAULT, Oracle.NAME)
        .ifPresent(
            ratio ->
                line.append(line.isEmpty() ? "  " + metric.title() + ": " : "; ")
                    .append("default/oracle ")
                    .append(ratio));
    return line.isEmpty() ? "" : line.append('\n').toString();
  }
}
