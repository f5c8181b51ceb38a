package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.Simulation;
import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Medians;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.measure.Percentiles;
import io.inferencerouter.benchmarks.simulation.policy.reference.FluidBound;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** End-to-end times that no policy can beat, for the settings for which they are known. */
public final class Bounds {
  /** What they are called in tables. */
  static final String NAME = "fluid bound";

  private final Map<Place, Optional<Percentiles>> known = new HashMap<>();

  /** How many routers there are does not matter. */
  private record Place(Setting setting, long seed) {
    Place(Setting setting, long seed) {
      this.setting = setting.withRouters(1);
      this.seed = seed;
    }
  }

  /** The bounds of some runs. */
  public Bounds(List<Trial> trials) {
    for (Trial trial : trials) {
      known.computeIfAbsent(
          new Place(Setting.of(trial.scenario(), trial.faults()), trial.scenario().seed()),
          any -> Simulation.bound(trial.scenario()).map(FluidBound::e2eMillis));
    }
  }

  /** That of a run. */
  Optional<Percentiles> of(Row row) {
    return of(row.setting(), row.result().seed());
  }

  private Optional<Percentiles> of(Setting setting, long seed) {
    return known.getOrDefault(new Place(setting, seed), Optional.empty());
  }

  /** The median over seeds of one of the percentiles. */
  OptionalDouble median(
      Comparison comparison, Setting setting, ToDoubleFunction<Percentiles> percentile) {
    List<Double> millis = new ArrayList<>();
    for (Row row : comparison.rows(setting, comparison.policies(setting).get(0))) {
      of(row).ifPresent(bound -> millis.add(percentile.applyAsDouble(bound)));
    }
    return millis.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Medians.of(millis));
  }

  /** By what a policy's P99 is above it, the median over seeds. */
  OptionalDouble timesAbove(Comparison comparison, Setting setting, String policy) {
    List<Double> ratios = new ArrayList<>();
    for (Row row : comparison.rows(setting, policy)) {
      of(row)
          .filter(bound -> bound.p99() > 0)
          .ifPresent(bound -> ratios.add(row.result().e2eMillis().p99() / bound.p99()));
    }
    return ratios.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Medians.of(ratios));
  }
}
