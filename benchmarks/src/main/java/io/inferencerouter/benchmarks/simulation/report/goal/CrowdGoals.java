package io.inferencerouter.benchmarks.simulation.report.goal;

import static java.lang.Double.POSITIVE_INFINITY;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** How many routers that share nothing have to compare with one. */
final class CrowdGoals {
  private static final int MANY = 16;
  private static final int VERY_MANY = 64;

  private final Comparison comparison;
  private final Set<String> prefixes;

  CrowdGoals(Comparison comparison) {
    this.comparison = comparison;
    this.prefixes = comparison.prefixWorkloads();
  }

  List<Goal> goals() {
    String title = "16 routers to 1, ";
    Predicate<Setting> prefix = setting -> prefixes.contains(setting.workload());
    return List.of(
        spread(MANY, prefix.negate(), Metric.E2E_P99)
            .within(
                title + "P99 end-to-end, plain workloads: worst ≤ 1.25", POSITIVE_INFINITY, 1.25),
        spread(MANY, prefix.negate(), Metric.TTFT_P99)
            .within(title + "P99 TTFT, plain workloads: median ≤ 1.25", 1.25, POSITIVE_INFINITY),
        spread(MANY, prefix, Metric.E2E_P99)
            .within(
                title + "P99 end-to-end, prefix workloads: median ≤ 1.60", 1.60, POSITIVE_INFINITY),
        spread(VERY_MANY, any -> true, Metric.E2E_P99).stated("64 routers to 1, P99 end-to-end"),
        spread(VERY_MANY, any -> true, Metric.TTFT_P99).stated("64 routers to 1, P99 TTFT"));
  }

  private Spread spread(int routers, Predicate<Setting> chosen, Metric metric) {
    return Spread.of(
        RivalGoals.calmSettings(comparison)
            .filter(setting -> setting.routers() == routers)
            .filter(chosen),
        setting -> comparison.ratio(setting, setting.withRouters(1), metric, Comparison.DEFAULT));
  }
}
