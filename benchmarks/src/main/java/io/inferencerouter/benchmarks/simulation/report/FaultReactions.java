package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.Simulation;
import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Herd;
import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Reaction;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.experiment.Timelines;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.fleet.Disturbance;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What happens when something happens to a fleet: the figures, and over time, for which the
 * default's runs and the best rival's are made once more.
 */
final class FaultReactions {
  private static final int MAX_INTERVALS = 60;
  private static final int[] ROUND = {1, 2, 5};
  private static final long SHORTEST_STEP = 1_000_000;
  private static final double NANOS = 1e9;

  private final Findings found;
  private final Timelines timelines;
  private final List<List<String>> reactions = new ArrayList<>();
  private final List<List<String>> herds = new ArrayList<>();
  private final List<Runnable> images = new ArrayList<>();

  FaultReactions(Findings found, Timelines timelines) {
    this.found = found;
    this.timelines = timelines;
  }

  void write() {
    List<Setting> faulty =
        found.comparison().settings().stream().filter(setting -> !setting.isFaultless()).toList();
    if (!faulty.isEmpty()) {
      found
          .text()
          .heading(2, "Faults")
          .paragraph("What happens is said by `fleets` on the command line.");
      figures(faulty);
    }
    found.comparison().settings().stream().filter(this::isChanging).forEach(this::replay);
    writeReactions();
    writeHerds();
    images.forEach(Runnable::run);
  }

  private boolean isChanging(Setting setting) {
    return timelines.trials(setting, Comparison.DEFAULT).stream()
        .anyMatch(trial -> !trial.scenario().fleet().changes().isEmpty());
  }

  private void figures(List<Setting> faulty) {
    List<List<String>> lines = new ArrayList<>();
    Comparison all = found.comparison();
    for (Setting setting : faulty) {
      lines.add(
          List.of(
              setting.toString(),
              Findings.ratio(
                  all.ratio(setting, setting.withoutFaults(), Metric.E2E_P99, Comparison.DEFAULT)),
              Findings.ratio(all.againstBest(setting, Metric.E2E_P99, Comparison.RIVALS)),
              Findings.ratio(all.againstBest(setting, Metric.TTFT_P99, Comparison.RIVALS)),
              all.best(setting, Metric.E2E_P99, Comparison.RIVALS).orElse(Numbers.NONE),
              Numbers.count(
                  all.median(
                      setting, Comparison.DEFAULT, result -> result.failed() + result.lost()))));
    }
    found
        .text()
        .table(
            List.of(
                "setting",
                "e2e P99 to no fault",
                "e2e P99 to best rival",
                "TTFT P99 to best rival",
                "that is",
                "failed or lost"),
            lines);
  }

  private void replay(Setting setting) {
    List<String> policies = new ArrayList<>(List.of(Comparison.DEFAULT));
    found.comparison().best(setting, Metric.E2E_P99, Comparison.RIVALS).ifPresent(policies::add);
    Map<String, Map<Double, Double>> shares = new LinkedHashMap<>();
    Map<String, Map<Double, Double>> times = new LinkedHashMap<>();
    for (String policy : policies) {
      List<Trial> own = timelines.trials(setting, policy);
      List<RunTimeline> runs = own.stream().map(timelines::of).toList();
      Scenario scenario = own.get(0).scenario();
      long length = Simulation.length(scenario).toNanos();
      List<FleetChange> changes = scenario.fleet().changes();
      Optional<Disturbance> disturbance = Disturbance.first(changes, length);
      disturbance.ifPresent(
          what -> {
            reaction(setting, policy, runs, what, Math.round(scenario.warmUpShare() * length));
            shares.put(policy, shares(runs.get(0), what.endpoint()));
          });
      herd(setting, policy, runs, scenario, length);
      times.put(policy, times(runs.get(0)));
    }
    images.add(() -> draw(setting, shares, times));
  }

  private void reaction(
      Setting setting, String policy, List<RunTimeline> runs, Disturbance what, long settled) {
    Reaction.of(runs, what, settled)
        .ifPresent(
            reaction ->
                reactions.add(
                    List.of(
                        setting.toString(),
                        policy,
                        falls(reaction.fallsWithin()),
                        Numbers.ratio(reaction.during()),
                        what.endNanos() == Disturbance.NEVER
                            ? Numbers.NONE
                            : returns(reaction.returnsAfterSeconds()),
                        Numbers.ratio(reaction.afterwards()))));
  }

  private static String falls(OptionalInt requests) {
    return requests.isEmpty() ? "does not" : Numbers.count((double) requests.getAsInt());
  }

  private static String returns(OptionalDouble seconds) {
    return seconds.isEmpty()
        ? "not before the end"
        : String.format(Locale.ROOT, "%.1f s", seconds.getAsDouble());
  }

  private void herd(
      Setting setting, String policy, List<RunTimeline> runs, Scenario scenario, long length) {
    Herd.of(runs, scenario.fleet(), length)
        .ifPresent(
            herd ->
                herds.add(
                    List.of(
                        setting.toString(),
                        policy,
                        Numbers.percent(herd.before()),
                        Numbers.percent(herd.after()))));
  }

  private static Map<Double, Double> shares(RunTimeline run, String endpoint) {
    Map<Double, Double> shares = new TreeMap<>();
    long step = step(run);
    for (long end = step; end <= run.lastSentNanos(); end += step) {
      int from = run.requestAt(end - step);
      int to = run.requestAt(end);
      if (to > from) {
        shares.put(end / NANOS, run.count(endpoint, from, to) / (double) (to - from));
      }
    }
    return shares;
  }

  private static Map<Double, Double> times(RunTimeline run) {
    Map<Double, Double> times = new TreeMap<>();
    long step = step(run);
    for (long end = step; end <= run.lastSentNanos(); end += step) {
      double millis = run.e2eP99Millis(end - step, end);
      if (millis > 0) {
        times.put(end / NANOS, millis / 1000);
      }
    }
    return times;
  }

  /** A round time that divides a run into not too many intervals. */
  private static long step(RunTimeline run) {
    long least = run.lastSentNanos() / MAX_INTERVALS + 1;
    long power = SHORTEST_STEP;
    while (true) {
      for (int factor : ROUND) {
        if (factor * power >= least) {
          return factor * power;
        }
      }
      power *= 10;
    }
  }

  private void draw(
      Setting setting,
      Map<String, Map<Double, Double>> shares,
      Map<String, Map<Double, Double>> times) {
    if (!shares.isEmpty()) {
      String share = "Share of the endpoint that is hit: " + setting;
      found.text().image(share, found.charts().timeline(share, share, "share of requests", shares));
    }
    String time = "P99 end-to-end over time: " + setting;
    found
        .text()
        .image(time, found.charts().timeline(time, time, "seconds, of what is answered", times));
  }

  private void writeReactions() {
    if (reactions.isEmpty()) {
      return;
    }
    found
        .text()
        .paragraph(
            String.format(
                Locale.ROOT,
                "The share of the endpoint that is hit, relative to its share before, all seeds"
                    + " together. It *falls* when the latest requests that were to bring"
                    + " it %d bring it less than %.2f of that, and *is back* when those that were to"
                    + " bring it %d bring %.1f to %.1f of that.",
                Reaction.HITS_TO_FALL,
                Reaction.FALLEN,
                Reaction.HITS_TO_RETURN,
                Reaction.RETURNED_FROM,
                Reaction.RETURNED_TO))
        .table(
            List.of(
                "setting",
                "policy",
                "falls within requests",
                "share then",
                "back after",
                "share afterwards"),
            reactions);
  }

  private void writeHerds() {
    if (herds.isEmpty()) {
      return;
    }
    found
        .text()
        .paragraph(
            "Herds: when the list of endpoints changes, or all clients start anew, the busiest"
                + " endpoint's share of the last "
                + Herd.REQUESTS
                + " requests per endpoint before and of the first after.")
        .table(List.of("setting", "policy", "before", "after"), herds);
  }
}
