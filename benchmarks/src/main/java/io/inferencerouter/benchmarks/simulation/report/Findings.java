package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Ratio;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** What was found, and where it is written. */
record Findings(Comparison comparison, Bounds bounds, Markdown text, Charts charts) {
  /** The settings in which nothing goes wrong. */
  List<Setting> calm() {
    return comparison.settings().stream().filter(Setting::isFaultless).toList();
  }

  /** The ratios of those of the calm settings. */
  List<Ratio> ratios(Predicate<Setting> chosen, Function<Setting, Optional<Ratio>> ratio) {
    return calm().stream().filter(chosen).map(ratio).flatMap(Optional::stream).toList();
  }

  static List<Double> medians(List<Ratio> ratios) {
    return ratios.stream().map(Ratio::median).toList();
  }

  static String worst(List<Ratio> ratios) {
    return Numbers.ratio(ratios.stream().mapToDouble(Ratio::median).max().orElse(Double.NaN));
  }

  static String ratio(Optional<Ratio> ratio) {
    return ratio.map(Ratio::toString).orElse(Numbers.NONE);
  }
}
