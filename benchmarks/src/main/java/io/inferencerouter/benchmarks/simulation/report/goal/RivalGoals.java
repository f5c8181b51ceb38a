package io.inferencerouter.benchmarks.simulation.report.goal;

import static java.lang.Double.POSITIVE_INFINITY;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.experiment.Ratio;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** How the default has to compare with others, where nothing goes wrong. */
final class RivalGoals {
  private static final String EQUAL = "equal";
  private static final Set<String> UNEQUAL = Set.of("mixed", "wild");
  private static final String TRUE_WEIGHTS = "weighted-least-connections";
  private static final double ORACLE_LOAD = 0.7;

  /** Rivals that count requests and have no weights. */
  private static final Set<String> COUNTING =
      Set.of(
          "round-robin",
          "least-connections",
          "power-of-two",
          "envoy-least-request",
          "litellm-least-busy");

  private final Comparison comparison;
  private final Set<String> prefixes;
  private final List<Goal> goals = new ArrayList<>();

  RivalGoals(Comparison comparison) {
    this.comparison = comparison;
    this.prefixes = comparison.prefixWorkloads();
  }

  List<Goal> goals() {
    endToEnd();
    for (int routers : new int[] {1, 16}) {
      firstOutput(routers);
    }
    for (int routers : new int[] {1, 16}) {
      weights(routers);
    }
    goals.add(
        calm(setting -> setting.routers() == 1 && setting.load() == ORACLE_LOAD)
            .ratio(setting -> ratio(setting, Metric.E2E_P99, Oracle.NAME))
            .within(
                "P99 end-to-end to the oracle, load 0.7, 1 router: median ≤ 1.15, worst ≤ 1.40",
                1.15,
                1.40));
    return goals;
  }

  private void endToEnd() {
    String title = "P99 end-to-end to the best rival, ";
    goals.add(
        calm(setting -> setting.routers() == 1)
            .ratio(setting -> best(setting, Metric.E2E_P99))
            .within(title + "1 router: median ≤ 1.00, worst ≤ 1.20", 1.00, 1.20));
    goals.add(
        calm(setting -> setting.routers() == 16)
            .ratio(setting -> best(setting, Metric.E2E_P99))
            .within(title + "16 routers: median ≤ 1.00", 1.00, POSITIVE_INFINITY));
    goals.add(
        calm(setting -> setting.routers() == 16 && !isPrefix(setting))
            .ratio(setting -> best(setting, Metric.E2E_P99))
            .within(title + "16 routers, plain workloads: worst ≤ 1.25", POSITIVE_INFINITY, 1.25));
    goals.add(
        calm(setting -> setting.routers() == 16 && isPrefix(setting))
            .ratio(setting -> best(setting, Metric.E2E_P99))
            .within(title + "16 routers, prefix workloads: worst ≤ 1.50", POSITIVE_INFINITY, 1.50));
  }

  private void firstOutput(int routers) {
    String title = "P99 TTFT to the best rival, " + routers(routers);
    goals.add(
        calm(setting -> setting.routers() == routers && setting.fleetClass().equals(EQUAL))
            .ratio(setting -> best(setting, Metric.TTFT_P99))
            .within(title + ", equal fleets: median ≤ 1.05", 1.05, POSITIVE_INFINITY));
    goals.add(
        calm(setting -> setting.routers() == routers && isUnequal(setting))
            .ratio(setting -> best(setting, Metric.TTFT_P99))
            .within(title + ", mixed and wild fleets: median ≤ 1.10", 1.10, POSITIVE_INFINITY));
    goals.add(
        calm(setting -> setting.routers() == routers)
            .ratio(
                setting ->
                    comparison
                        .best(setting, Metric.E2E_P99, Comparison.RIVALS)
                        .flatMap(rival -> ratio(setting, Metric.TTFT_P99, rival)))
            .within(
                "P99 TTFT to that of the rival with the best P99 end-to-end, "
                    + routers(routers)
                    + ": worst ≤ 1.00",
                POSITIVE_INFINITY,
                1.00));
  }

  private void weights(int routers) {
    String where = ", mixed and wild fleets, " + routers(routers);
    goals.add(
        calm(setting -> setting.routers() == routers && isUnequal(setting))
            .ratio(
                setting ->
                    bestCounting(setting).flatMap(rival -> ratio(setting, Metric.E2E_P99, rival)))
            .within(
                "P99 end-to-end to the best unweighted policy that counts requests"
                    + where
                    + ": worst ≤ 0.60",
                POSITIVE_INFINITY,
                0.60));
    goals.add(
        calm(setting -> setting.routers() == routers && isUnequal(setting))
            .ratio(setting -> ratio(setting, Metric.E2E_P99, TRUE_WEIGHTS))
            .withinNoise(
                "P99 end-to-end to least connections with true weights"
                    + where
                    + ": median ≤ 1.00, nowhere above by more than the noise",
                1.00,
                1.00));
  }

  private Optional<String> bestCounting(Setting setting) {
    return comparison.policies(setting).stream()
        .filter(COUNTING::contains)
        .min(
            Comparator.comparingDouble(
                policy -> comparison.median(setting, policy, Metric.E2E_P99)));
  }

  private Optional<Ratio> best(Setting setting, Metric metric) {
    return comparison.againstBest(setting, metric, Comparison.RIVALS);
  }

  private Optional<Ratio> ratio(Setting setting, Metric metric, String against) {
    return comparison.ratio(setting, metric, Comparison.DEFAULT, against);
  }

  private boolean isPrefix(Setting setting) {
    return prefixes.contains(setting.workload());
  }

  private static boolean isUnequal(Setting setting) {
    return UNEQUAL.contains(setting.fleetClass());
  }

  private static String routers(int routers) {
    return routers == 1 ? "1 router" : routers + " routers";
  }

  private Chosen calm(Predicate<Setting> chosen) {
    return ratio -> Spread.of(calmSettings(comparison).filter(chosen), ratio);
  }

  /** The settings in which nothing goes wrong. */
  static Stream<Setting> calmSettings(Comparison comparison) {
    return comparison.settings().stream().filter(Setting::isFaultless);
  }

  /** Settings of which a ratio is to be taken. */
  private interface Chosen {
    Spread ratio(Function<Setting, Optional<Ratio>> ratio);
  }
}
