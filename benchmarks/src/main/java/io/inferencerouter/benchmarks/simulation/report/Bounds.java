package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.Simulation;
import io.inferencerouter.benchmarks.simulation.experiment.Medians;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What no policy can beat. */
public final class Bounds {
  private Bounds() {}

  /** A line for each setting for which it is known; the median over seeds. */
  public static String of(List<Trial> trials) {
    Map<Setting, List<Double>> bounds = new LinkedHashMap<>();
    Set<Map.Entry<Setting, Long>> done = new HashSet<>();
    for (Trial trial : trials) {
      Setting setting = Setting.of(trial.scenario(), trial.faults());
      if (done.add(Map.entry(setting, trial.scenario().seed()))) {
        Simulation.bound(trial.scenario())
            .ifPresent(
                bound ->
                    bounds
                        .computeIfAbsent(setting, any -> new ArrayList<>())
                        .add(bound.e2eMillis().p99()));
      }
    }
    StringBuilder text = new StringBuilder();
    bounds.forEach(
        (setting, millis) ->
            text.append(
                    text.isEmpty() ? "\nNo policy's P99 end-to-end is below (fluid bound):\n" : "")
                .append("  ")
                .append(setting)
                .append(": ")
                .append(Numbers.millis(Medians.of(millis)))
                .append(" ms\n"));
    return text.toString();
  }
}
