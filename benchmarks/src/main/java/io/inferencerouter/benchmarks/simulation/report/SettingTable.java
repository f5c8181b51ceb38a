package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Ratio;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.measure.Percentiles;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/** The policies of one setting, as cells: ours, then rivals from the best on, then references. */
final class SettingTable {
  /** Marks those that are told weights or load. */
  private static final String INFORMED_MARK = " *";

  private static final String TENANT_SPREAD = "P99 spread";
  private static final String E2E_P50 = "e2e p50";
  private static final String E2E_P99 = "e2e p99 ms";
  private static final double WASTE_WORTH_SHOWING = 0.001;

  private final Comparison comparison;
  private final Setting setting;
  private final Bounds bounds;
  private final List<Column> columns = new ArrayList<>();
  private final List<String> policies;

  private record Column(
      String title, ToDoubleFunction<RunResult> figure, DoubleFunction<String> format) {}

  SettingTable(Comparison comparison, Setting setting, Bounds bounds) {
    this.comparison = comparison;
    this.setting = setting;
    this.bounds = bounds;
    policies = new ArrayList<>(comparison.policies(setting));
    policies.sort(
        Comparator.comparingInt(this::group)
            .thenComparing(comparison.bestFirst(setting, Metric.E2E_P99)));
    add("TTFT p50", result -> result.ttftMillis().p50(), Numbers::millis);
    add("p99 ms", result -> result.ttftMillis().p99(), Numbers::millis);
    add("ITL p99 ms", result -> result.itlMillis().p99(), Numbers::millis);
    add(E2E_P50, result -> result.e2eMillis().p50(), Numbers::millis);
    add(E2E_P99, result -> result.e2eMillis().p99(), Numbers::millis);
    add("good", RunResult::goodput, Numbers::percent);
    add("req/s", RunResult::throughputRps, Numbers::figure);
    add("per GPU", RunResult::throughputRpsPerGpu, Numbers::figure);
    add("work CV", RunResult::workCv, Numbers::ratio);
    addIfAny("wasted", SettingTable::wasted, Numbers::percent);
    addIfAny("hits", RunResult::prefixHitRate, Numbers::percent);
    addIfAny("churn", RunResult::churn, Numbers::percent);
    addIfTenants();
    addIfAny("loads", RunResult::modelLoads, Numbers::count);
    addIfAny("failed", RunResult::failed, Numbers::count);
    addIfAny("lost", RunResult::lost, Numbers::count);
  }

  private int group(String policy) {
    Standing standing = comparison.standing(setting, policy);
    return switch (standing) {
      case OURS -> policy.equals(Comparison.DEFAULT) ? 0 : 1;
      case RIVAL, INFORMED_RIVAL -> 2;
      case REFERENCE -> 3;
    };
  }

  private void add(
      String title, ToDoubleFunction<RunResult> figure, DoubleFunction<String> format) {
    columns.add(new Column(title, figure, format));
  }

  private void addIfAny(
      String title, ToDoubleFunction<RunResult> figure, DoubleFunction<String> format) {
    if (policies.stream().anyMatch(policy -> comparison.median(setting, policy, figure) > 0)) {
      add(title, figure, format);
    }
  }

  /** What only noise wastes is not worth a column. */
  private static double wasted(RunResult result) {
    return result.wastedShare() < WASTE_WORTH_SHOWING ? 0 : result.wastedShare();
  }

  private void addIfTenants() {
    if (policies.stream()
        .anyMatch(policy -> comparison.median(setting, policy, RunResult::tenantP99Spread) > 1)) {
      add("Jain", RunResult::fairnessJain, Numbers::ratio);
      add(TENANT_SPREAD, RunResult::tenantP99Spread, Numbers::ratio);
    }
  }

  /** The policies in order. */
  List<String> policies() {
    return List.copyOf(policies);
  }

  /** A policy's name, marked if it is told weights or load. */
  String marked(String policy) {
    boolean informed = comparison.standing(setting, policy) == Standing.INFORMED_RIVAL;
    return policy + (informed ? INFORMED_MARK : "");
  }

  boolean hasTenants() {
    return columns.stream().anyMatch(column -> column.title().equals(TENANT_SPREAD));
  }

  List<String> header() {
    List<String> header = new ArrayList<>(List.of("policy"));
    columns.forEach(column -> header.add(column.title()));
    header.add("e2e p99 default/it");
    return header;
  }

  List<List<String>> cells() {
    List<List<String>> cells = new ArrayList<>();
    for (String policy : policies) {
      List<String> line = new ArrayList<>(List.of(marked(policy)));
      for (Column column : columns) {
        line.add(column.format().apply(comparison.median(setting, policy, column.figure())));
      }
      line.add(
          policy.equals(Comparison.DEFAULT)
              ? ""
              : comparison
                  .ratio(setting, Metric.E2E_P99, Comparison.DEFAULT, policy)
                  .map(Ratio::toString)
                  .orElse(Numbers.NONE));
      cells.add(line);
    }
    bounds
        .timesAbove(comparison, setting, Comparison.DEFAULT)
        .ifPresent(times -> cells.add(bound(times)));
    return cells;
  }

  /** A line with the end-to-end times that nobody can beat. */
  private List<String> bound(double timesAbove) {
    List<String> line = new ArrayList<>(List.of(Bounds.NAME));
    for (Column column : columns) {
      line.add(
          switch (column.title()) {
            case E2E_P50 -> bound(Percentiles::p50);
            case E2E_P99 -> bound(Percentiles::p99);
            default -> "";
          });
    }
    line.add(Numbers.ratio(timesAbove));
    return line;
  }

  private String bound(ToDoubleFunction<Percentiles> percentile) {
    return Numbers.millis(bounds.median(comparison, setting, percentile).orElse(0));
  }

  boolean hasInfinite() {
    return cells().stream().flatMap(List::stream).anyMatch(cell -> cell.contains(Numbers.INFINITE));
  }

  boolean hasInformed() {
    return policies.stream()
        .anyMatch(policy -> comparison.standing(setting, policy) == Standing.INFORMED_RIVAL);
  }
}
