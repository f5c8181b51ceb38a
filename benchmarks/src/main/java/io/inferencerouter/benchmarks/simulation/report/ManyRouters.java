package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import java.util.ArrayList;
import java.util.List;

/** How the default does with many routers, compared with one. */
final class ManyRouters {
  private final Findings found;

  ManyRouters(Findings found) {
    this.found = found;
  }

  void write() {
    List<List<String>> lines = new ArrayList<>();
    for (Setting setting : found.calm()) {
      Setting one = setting.withRouters(1);
      if (setting.routers() > 1 && found.calm().contains(one)) {
        lines.add(
            List.of(
                setting.workload() + " on " + setting.fleet() + ", " + setting.pressure(),
                Integer.toString(setting.routers()),
                Findings.ratio(
                    found.comparison().ratio(setting, one, Metric.E2E_P99, Comparison.DEFAULT)),
                Findings.ratio(
                    found.comparison().ratio(setting, one, Metric.TTFT_P99, Comparison.DEFAULT)),
                Findings.ratio(
                    found.comparison().againstBest(setting, Metric.E2E_P99, Comparison.RIVALS)),
                found
                    .comparison()
                    .best(setting, Metric.E2E_P99, Comparison.RIVALS)
                    .orElse(Numbers.NONE)));
      }
    }
    if (!lines.isEmpty()) {
      found
          .text()
          .heading(2, "Many routers")
          .paragraph(
              "Independent routers before the same fleet share nothing. The default with many of"
                  + " them against itself with one:")
          .table(
              List.of(
                  "setting", "routers", "e2e P99", "TTFT P99", "e2e P99 to best rival", "that is"),
              lines);
    }
  }
}
