package io.inferencerouter.benchmarks.simulation.report.goal;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Recoveries;
import io.inferencerouter.benchmarks.simulation.experiment.Recovery;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.fleet.Incident;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** How soon the default has to get over what happens to one endpoint, and how evenly. */
final class RecoveryGoals {
  private static final List<String> FAULTS =
      List.of("gray", "fast-fail", "throttle", "restart", "one-more");

  private static final String WHAT =
      "Gray failure, fast failure, throttling, cold restart, one endpoint more: ";

  /** So many seconds after the end of a fault P99 have to be back. */
  private static final double BACK_SECONDS = 60;

  private static final double SINKHOLE = 1.1;
  private static final double FLOOD = 1.25;
  private static final double STARVED = 0.75;
  private static final double NANOS = 1e9;

  private final Comparison comparison;
  private final Recoveries recoveries;

  RecoveryGoals(Comparison comparison, Recoveries recoveries) {
    this.comparison = comparison;
    this.recoveries = recoveries;
  }

  List<Goal> goals() {
    Map<Setting, Recovery> found = new LinkedHashMap<>();
    for (String fault : FAULTS) {
      comparison.settings().stream()
          .filter(setting -> setting.faults().equals(fault))
          .forEach(
              setting ->
                  recoveries
                      .of(setting, Comparison.DEFAULT)
                      .ifPresent(recovery -> found.put(setting, recovery)));
    }
    return List.of(back(found), shares(found));
  }

  private Goal back(Map<Setting, Recovery> found) {
    String title =
        WHAT
            + "P99 end-to-end and TTFT are back within 10 % of healthy, for good, at most a minute"
            + " after the end of the fault (beside it what chance makes of nothing, in the worst"
            + " window)";
    List<String> measured = new ArrayList<>();
    boolean isMet = true;
    for (Map.Entry<Setting, Recovery> entry : found.entrySet()) {
      Recovery recovery = entry.getValue();
      Incident what = recoveries.incident(entry.getKey()).orElseThrow();
      double limit = (what.endNanos() - what.beginNanos()) / NANOS + BACK_SECONDS;
      OptionalDouble whole = recovery.wholeAnswer().backSeconds();
      OptionalDouble first = recovery.firstOutput().backSeconds();
      isMet &= whole.orElse(Double.MAX_VALUE) <= limit && first.orElse(Double.MAX_VALUE) <= limit;
      measured.add(
          String.format(
              Locale.ROOT,
              "%s / %s of %.0f s (%s; chance %.2f / %.2f)",
              seconds(whole),
              seconds(first),
              limit,
              entry.getKey(),
              recovery.wholeAnswer().chance(),
              recovery.firstOutput().chance()));
    }
    return measured.isEmpty()
        ? Goal.notRun(title)
        : Goal.of(title, "from the beginning of the fault: " + String.join("; ", measured), isMet);
  }

  private static String seconds(OptionalDouble seconds) {
    return seconds.isPresent()
        ? String.format(Locale.ROOT, "%.0f", seconds.getAsDouble())
        : "not before the end";
  }

  private static Goal shares(Map<Setting, Recovery> found) {
    String title =
        String.format(
            Locale.ROOT,
            "%sno sinkhole (share of the endpoint in the first %d s ≤ %.2f times the healthy one),"
                + " no flood (≤ %.2f times in any %d s after the end), no starvation (≥ %.2f times"
                + " in any from a minute after the end on)",
            WHAT,
            Recovery.FIRST_SECONDS,
            SINKHOLE,
            FLOOD,
            Recovery.WINDOW_SECONDS,
            STARVED);
    List<String> measured = new ArrayList<>();
    boolean isMet = true;
    for (Map.Entry<Setting, Recovery> entry : found.entrySet()) {
      Recovery recovery = entry.getValue();
      // Where the run ends too early there is no number, and that does not pass either
      isMet &=
          recovery.firstShare() <= SINKHOLE
              && recovery.mostAfter() <= FLOOD
              && recovery.leastAfter() >= STARVED;
      measured.add(
          String.format(
              Locale.ROOT,
              "%s, %s, %s (%s)",
              share(recovery.firstShare()),
              share(recovery.mostAfter()),
              share(recovery.leastAfter()),
              entry.getKey()));
    }
    return measured.isEmpty()
        ? Goal.notRun(title)
        : Goal.of(title, "first, most, least: " + String.join("; ", measured), isMet);
  }

  private static String share(double share) {
    return Double.isNaN(share) ? "not before the end" : String.format(Locale.ROOT, "%.2f", share);
  }
}
