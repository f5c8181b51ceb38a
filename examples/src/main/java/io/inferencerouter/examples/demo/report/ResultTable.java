package io.inferencerouter.examples.demo.report;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The results as one table: a column for each policy, a row for each measure. */
public final class ResultTable {
  private final List<PolicyResult> results;
  private final List<String[]> rows = new ArrayList<>();

  private ResultTable(List<PolicyResult> results) {
    this.results = results;
  }

  /** Draws the table; all results are of the same fleet. */
  public static String of(List<PolicyResult> results) {
    ResultTable table = new ResultTable(results);
    table.addRows();
    return table.draw();
  }

  private void addRows() {
    row("requests per second", r -> number(1, r.throughput()));
    if (results.stream().anyMatch(PolicyResult::isStreamed)) {
      addStreamRows();
    }
    row("P50 latency, s", r -> number(3, r.latencies().percentile(50, SECONDS)));
    row("P95 latency, s", r -> number(3, r.latencies().percentile(95, SECONDS)));
    row("P99 latency, s", r -> number(3, r.latencies().percentile(99, SECONDS)));
    row("P99 / P50", ResultTable::tailRatio);
    for (String endpoint : results.get(0).utilisation().byEndpoint().keySet()) {
      row(
          "busy " + endpoint + ", %",
          r -> percent(r.utilisation().byEndpoint().getOrDefault(endpoint, 0.0)));
    }
    row("busy, coefficient of variation", r -> number(2, r.utilisation().variation()));
    row("routing time P50, µs", r -> number(1, r.routing().percentile(50, MICROSECONDS)));
    row("routing time P99, µs", r -> number(1, r.routing().percentile(99, MICROSECONDS)));
    if (results.stream().anyMatch(r -> r.reaction().isPresent())) {
      row("attempts retried", r -> r.reaction().map(x -> "" + x.retried()).orElse("-"));
      row("attempts moved", r -> r.reaction().map(x -> "" + x.moved()).orElse("-"));
      row("endpoints ejected", r -> r.reaction().map(x -> "" + x.ejected()).orElse("-"));
    }
    row("errors / lost", r -> r.errors() + " / " + r.lost());
  }

  private void addStreamRows() {
    row("tokens per second", r -> number(1, r.tokensPerSecond()));
    row("P50 TTFT, s", r -> number(3, r.firstOutputs().percentile(50, SECONDS)));
    row("P95 TTFT, s", r -> number(3, r.firstOutputs().percentile(95, SECONDS)));
    row("P99 TTFT, s", r -> number(3, r.firstOutputs().percentile(99, SECONDS)));
    row("P50 inter-token time, ms", r -> number(1, r.gaps().percentile(50, MILLISECONDS)));
    row("P99 inter-token time, ms", r -> number(1, r.gaps().percentile(99, MILLISECONDS)));
  }

  private void row(String measure, Function<PolicyResult, String> value) {
    List<String> cells = new ArrayList<>();
    cells.add(measure);
    results.forEach(result -> cells.add(value.apply(result)));
    rows.add(cells.toArray(String[]::new));
  }

  private String draw() {
    Column[] columns = new Column[results.size() + 1];
    columns[0] = new Column().dataAlign(HorizontalAlign.LEFT);
    for (int i = 0; i < results.size(); i++) {
      columns[i + 1] =
          new Column()
              .header(results.get(i).policy())
              .headerAlign(HorizontalAlign.RIGHT)
              .dataAlign(HorizontalAlign.RIGHT);
    }
    return AsciiTable.getTable(
        AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows.toArray(String[][]::new));
  }

  private static String tailRatio(PolicyResult result) {
    double median = result.latencies().percentile(50, SECONDS);
    return median == 0 ? "-" : number(1, result.latencies().percentile(99, SECONDS) / median);
  }

  private static String percent(double share) {
    return number(1, share * 100);
  }

  private static String number(int decimals, double value) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
