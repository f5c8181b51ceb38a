package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Recoveries;
import io.inferencerouter.benchmarks.simulation.experiment.Recovery;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.fleet.Disturbance;
import io.inferencerouter.benchmarks.simulation.fleet.Incident;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How long the default and some rivals suffer from what happens to one endpoint. */
final class RecoveryTable {
  private static final List<String> POLICIES =
      List.of(
          Comparison.DEFAULT,
          "least-connections",
          "weighted-least-connections",
          "peak-ewma",
          "round-robin");

  private static final double NANOS = 1e9;

  private final Findings found;
  private final Recoveries recoveries;

  RecoveryTable(Findings found, Recoveries recoveries) {
    this.found = found;
    this.recoveries = recoveries;
  }

  void write() {
    List<Setting> settings =
        found.comparison().settings().stream()
            .filter(setting -> recoveries.incident(setting).isPresent())
            .toList();
    if (settings.isEmpty()) {
      return;
    }
    found
        .text()
        .heading(2, "Recovery")
        .paragraph(
            String.format(
                Locale.ROOT,
                "What happens to one endpoint, beside the same requests without it. P99 are those"
                    + " of the requests that arrive in %d seconds, in steps of %d, medians over"
                    + " seeds: *healthy* without the fault, the *worst* of all from the beginning"
                    + " of the fault on; ∞ if more than one in a hundred came to nothing. It is"
                    + " *back* so many seconds of virtual time after the beginning of the fault"
                    + " from which on the P99 is at most %.0f %% above that of the same requests"
                    + " without the fault, in all windows of the next %d seconds and over all that"
                    + " is left of the run. A run goes another way for ever after the least"
                    + " difference; *chance* is how many times the healthy P99 it comes to in the"
                    + " worst window when next to nothing happens: one endpoint is 1 %% slower for"
                    + " one second. Shares are those of the endpoint relative to its share"
                    + " without the fault, that of an endpoint that joins to that of its like in"
                    + " the same time: in the first %d seconds of the fault (a sinkhole has much), the"
                    + " largest of any %d seconds after its end (a flood), and the smallest of any"
                    + " from a minute after its end on (starvation). *Failed* are failed and lost"
                    + " requests of a run.",
                Recovery.WINDOW_SECONDS,
                Recovery.STEP_SECONDS,
                100 * (Recovery.BACK - 1),
                Recovery.PATIENCE_SECONDS,
                Recovery.FIRST_SECONDS,
                Recovery.WINDOW_SECONDS));
    healthyRunsTogether(settings)
        .forEach(
            (healthy, faulty) ->
                found
                    .text()
                    .heading(3, healthy + ", " + seeds(faulty.get(0)))
                    .table(header(), lines(faulty)));
  }

  private String seeds(Setting setting) {
    int seeds = found.comparison().rows(setting, Comparison.DEFAULT).size();
    return seeds == 1 ? "1 seed" : seeds + " seeds";
  }

  private static Map<Setting, List<Setting>> healthyRunsTogether(List<Setting> settings) {
    Map<Setting, List<Setting>> groups = new LinkedHashMap<>();
    settings.forEach(
        setting ->
            groups.computeIfAbsent(setting.withoutFaults(), any -> new ArrayList<>()).add(setting));
    return groups;
  }

  private static List<String> header() {
    return List.of(
        "fault",
        "policy",
        "TTFT P99 healthy, ms",
        "worst",
        "chance",
        "back after, s",
        "e2e P99 healthy, ms",
        "worst",
        "chance",
        "back after, s",
        "share at first",
        "most after",
        "least after",
        "failed");
  }

  private List<List<String>> lines(List<Setting> settings) {
    Map<Setting, List<List<String>>> lines = new LinkedHashMap<>();
    settings.forEach(setting -> lines.put(setting, new ArrayList<>()));
    for (String policy : POLICIES) {
      lines.forEach(
          (setting, own) ->
              recoveries
                  .of(setting, policy)
                  .ifPresent(recovery -> own.add(line(setting, policy, recovery))));
    }
    return lines.values().stream().flatMap(List::stream).toList();
  }

  private List<String> line(Setting setting, String policy, Recovery recovery) {
    List<String> line = new ArrayList<>(List.of(fault(setting), policy));
    for (Recovery.Course course : List.of(recovery.firstOutput(), recovery.wholeAnswer())) {
      line.add(Numbers.millis(course.healthyMillis()));
      line.add(Numbers.millis(course.worstMillis()));
      line.add(Numbers.ratio(course.chance()));
      line.add(
          course.backSeconds().isPresent()
              ? Numbers.count(course.backSeconds().getAsDouble())
              : "not");
    }
    line.add(Numbers.ratio(recovery.firstShare()));
    line.add(Numbers.ratio(recovery.mostAfter()));
    line.add(Numbers.ratio(recovery.leastAfter()));
    line.add(
        Numbers.count(
            found.comparison().median(setting, policy, result -> result.failed() + result.lost())));
    return line;
  }

  private String fault(Setting setting) {
    Incident what = recoveries.incident(setting).orElseThrow();
    double seconds = (what.endNanos() - what.beginNanos()) / NANOS;
    return what.endNanos() == Disturbance.NEVER || seconds == 0
        ? setting.faults()
        : String.format(Locale.ROOT, "%s, %.0f s", setting.faults(), seconds);
  }
}
