package io.inferencerouter.benchmarks.simulation.report.goal;

import io.inferencerouter.benchmarks.simulation.experiment.Medians;
import io.inferencerouter.benchmarks.simulation.experiment.Ratio;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** A ratio in many settings; the larger, the worse. */
final class Spread {
  private final List<Figure> figures;

  private record Figure(Setting setting, Ratio ratio) {}

  private Spread(List<Figure> figures) {
    this.figures = figures;
  }

  /** The ratios of those of the settings that have one. */
  static Spread of(Stream<Setting> settings, Function<Setting, Optional<Ratio>> ratio) {
    List<Figure> figures = new ArrayList<>();
    settings.forEach(
        setting ->
            ratio.apply(setting).ifPresent(found -> figures.add(new Figure(setting, found))));
    return new Spread(figures);
  }

  boolean isEmpty() {
    return figures.isEmpty();
  }

  double median() {
    return Medians.of(figures.stream().map(figure -> figure.ratio().median()).toList());
  }

  double worst() {
    return figures.stream().mapToDouble(figure -> figure.ratio().median()).max().orElse(Double.NaN);
  }

  /** In how many settings it is above a limit by more than the noise between seeds. */
  private long beyondNoise(double limit) {
    return figures.stream().filter(figure -> figure.ratio().isBeyondNoise(limit)).count();
  }

  /** Median and worst, with the setting of the latter. */
  String text() {
    Figure most =
        figures.stream()
            .max(Comparator.comparingDouble(figure -> figure.ratio().median()))
            .orElseThrow();
    return String.format(
        Locale.ROOT,
        "median %s, worst %s ±%s (%s, to %s) of %d",
        text("%.3f", median()),
        text("%.3f", worst()),
        text("%.2f", most.ratio().noise()),
        most.setting(),
        most.ratio().against(),
        figures.size());
  }

  private static String text(String format, double number) {
    return Double.isInfinite(number) ? "∞" : String.format(Locale.ROOT, format, number);
  }

  /** The same, and how often it is above a limit. */
  String text(double limit) {
    long above = figures.stream().filter(figure -> figure.ratio().median() > limit).count();
    return String.format(
        Locale.ROOT,
        "%s; above %.2f in %d, in %d by more than the noise",
        text(),
        limit,
        above,
        beyondNoise(limit));
  }

  /**
   * A goal that keeps limits.
   *
   * @param median the most that the median may be
   * @param worst the most that the worst may be
   */
  Goal within(String title, double median, double worst) {
    if (isEmpty()) {
      return Goal.notRun(title);
    }
    String measured = Double.isFinite(worst) ? text(worst) : text();
    return Goal.of(title, measured, median() <= median && worst() <= worst);
  }

  /**
   * A goal of which no setting may exceed a limit by more than the noise between its seeds.
   *
   * @param median the most that the median may be
   * @param worst the most that any may be, but for its noise
   */
  Goal withinNoise(String title, double median, double worst) {
    return isEmpty()
        ? Goal.notRun(title)
        : Goal.of(title, text(worst), median() <= median && beyondNoise(worst) == 0);
  }

  /** A goal without limits. */
  Goal stated(String title) {
    return isEmpty() ? Goal.notRun(title) : new Goal(title, text(), Goal.Verdict.STATED);
  }
}
