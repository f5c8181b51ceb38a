package io.inferencerouter.benchmarks.simulation.report.goal;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** How much has to come out of prefix caches on an equal fleet, and how evenly. */
final class PrefixGoal {
  private static final String TRACE = "mooncake_conv";
  private static final String SESSION_HASH = "session-hash";
  private static final double HITS = 0.95;
  private static final double VARIATION = 0.20;

  private final Comparison comparison;

  PrefixGoal(Comparison comparison) {
    this.comparison = comparison;
  }

  Goal goal() {
    List<Setting> all =
        RivalGoals.calmSettings(comparison)
            .filter(setting -> setting.routers() == 1 && setting.fleetClass().equals("equal"))
            .filter(setting -> comparison.prefixWorkloads().contains(setting.workload()))
            .filter(setting -> comparison.policies(setting).contains(SESSION_HASH))
            .toList();
    List<Setting> traced =
        all.stream().filter(setting -> setting.workload().equals(TRACE)).toList();
    String title =
        "Prefix workload, equal fleet, 1 router: hits ≥ 95 % of the session hash's at work CV ≤"
            + " 0.20, also with a block that all requests share";
    return all.isEmpty()
        ? Goal.notRun(title)
        : traced.isEmpty()
            ? judged(title, "generated workloads stand for " + TRACE + ": ", all)
            : judged(title, "", traced);
  }

  private Goal judged(String title, String remark, List<Setting> settings) {
    Setting fewest = settings.stream().min(Comparator.comparingDouble(this::hits)).orElseThrow();
    Setting uneven =
        settings.stream().max(Comparator.comparingDouble(this::variation)).orElseThrow();
    String measured =
        String.format(
            Locale.ROOT,
            "%sfewest hits %.0f %% of the session hash's (%s), most work CV %.3f (%s; session hash:"
                + " %.3f) of %d",
            remark,
            100 * hits(fewest),
            fewest,
            variation(uneven),
            uneven,
            comparison.median(uneven, SESSION_HASH, RunResult::workCv),
            settings.size());
    return Goal.of(title, measured, hits(fewest) >= HITS && variation(uneven) <= VARIATION);
  }

  private double hits(Setting setting) {
    return comparison.median(setting, Comparison.DEFAULT, RunResult::prefixHitRate)
        / comparison.median(setting, SESSION_HASH, RunResult::prefixHitRate);
  }

  private double variation(Setting setting) {
    return comparison.median(setting, Comparison.DEFAULT, RunResult::workCv);
  }
}
