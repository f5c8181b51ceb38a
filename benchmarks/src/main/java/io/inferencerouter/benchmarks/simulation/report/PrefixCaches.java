package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import java.util.ArrayList;
import java.util.List;

/** How much policies take out of prefix caches, and how evenly. */
final class PrefixCaches {
  private static final double WORTH_SHOWING = 0.02;

  private final Findings found;

  PrefixCaches(Findings found) {
    this.found = found;
  }

  void write() {
    List<Setting> prefix =
        found.calm().stream()
            .filter(
                setting ->
                    found.comparison().policies(setting).stream()
                        .anyMatch(
                            policy ->
                                found.comparison().median(setting, policy, RunResult::prefixHitRate)
                                    > WORTH_SHOWING))
            .toList();
    if (prefix.isEmpty()) {
      return;
    }
    found
        .text()
        .heading(2, "Prefix caches")
        .paragraph(
            "Share of input that came out of a cache, and the coefficient of variation of work"
                + " over endpoints: a good policy has much of the one and little of the other.");
    for (Setting setting : prefix) {
      List<List<String>> lines = new ArrayList<>();
      SettingTable table = new SettingTable(found.comparison(), setting, found.bounds());
      for (String policy : table.policies()) {
        lines.add(
            List.of(
                table.marked(policy),
                Numbers.percent(
                    found.comparison().median(setting, policy, RunResult::prefixHitRate)),
                Numbers.ratio(found.comparison().median(setting, policy, RunResult::workCv)),
                Numbers.percent(found.comparison().median(setting, policy, RunResult::churn)),
                Numbers.millis(found.comparison().median(setting, policy, Metric.TTFT_P99)),
                Numbers.millis(found.comparison().median(setting, policy, Metric.E2E_P99))));
      }
      found
          .text()
          .folded(
              setting.toString(),
              () ->
                  found
                      .text()
                      .table(
                          List.of(
                              "policy", "hits", "work CV", "churn", "TTFT p99 ms", "e2e p99 ms"),
                          lines));
    }
  }
}
