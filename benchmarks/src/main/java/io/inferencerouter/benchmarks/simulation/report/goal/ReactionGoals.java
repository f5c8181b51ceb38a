package io.inferencerouter.benchmarks.simulation.report.goal;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.Simulation;
import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Herd;
import io.inferencerouter.benchmarks.simulation.experiment.Reaction;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.experiment.Timelines;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.fleet.Disturbance;
import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.fleet.ReferenceGpu;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How the default has to behave when something happens, and towards those it seldom needs. */
final class ReactionGoals {
  /** Within so many requests for each endpoint of the fleet a share has to fall. */
  private static final int FALLS_WITHIN = 25;

  /**
   * More than this is a herd: so many times the busiest endpoint's share before. By chance it is a
   * quarter more now and then.
   */
  private static final double HERD = 1.5;

  /** From this load on a fleet cannot do without its slowest endpoint. */
  private static final double LOAD_THAT_NEEDS_ALL = 0.85;

  /** While the slowest is idle, one of so many requests for each endpoint has to be for it. */
  private static final double MOST_WITHOUT = 100;

  /** The same where the fleet can do without it: it is tried again. */
  private static final double MOST_WITHOUT_TRIAL = 500;

  private final Comparison comparison;
  private final Timelines timelines;

  ReactionGoals(Comparison comparison, Timelines timelines) {
    this.comparison = comparison;
    this.timelines = timelines;
  }

  List<Goal> goals() {
    return List.of(
        herd(),
        slowOne(),
        visited(
            "The slowest endpoint of a wild fleet is not starved at 85 % load: never more than 100"
                + " requests per endpoint sent elsewhere in a row while it is idle, after the"
                + " warm-up",
            LOAD_THAT_NEEDS_ALL, MOST_WITHOUT),
        visited(
            "The slowest endpoint of a wild fleet is tried again at every load, also where those"
                + " that know the future leave it idle: never more than 500 requests per endpoint"
                + " sent elsewhere in a row while it is idle, after the warm-up",
            0,
            MOST_WITHOUT_TRIAL));
  }

  private Goal herd() {
    String title =
        "No herd when the fleet changes or all clients start anew: the busiest endpoint's share"
            + " of the next 10 requests per endpoint ≤ 1.5 times that before, at every change";
    double most = 0;
    String measured = "";
    for (Setting setting : comparison.settings()) {
      List<Trial> trials = changing(setting);
      if (trials.isEmpty()) {
        continue;
      }
      Scenario scenario = trials.get(0).scenario();
      Optional<Herd> herd =
          Herd.of(
              timelines.of(setting, Comparison.DEFAULT),
              scenario.fleet(),
              Simulation.length(scenario).toNanos());
      if (herd.isPresent() && herd.get().growth() > most) {
        most = herd.get().growth();
        measured =
            String.format(
                Locale.ROOT,
                "most %.2f times (%.1f %% to %.1f %%; %s)",
                most,
                100 * herd.get().before(),
                100 * herd.get().after(),
                setting);
      }
    }
    return most == 0 ? Goal.notRun(title) : Goal.of(title, measured, most <= HERD);
  }

  private Goal slowOne() {
    String title =
        "One endpoint 3 times slower for a minute: its share falls below "
            + Reaction.FALLEN
            + " within 25 requests per endpoint, and is 0.9 to 1.1 afterwards";
    List<String> found = new ArrayList<>();
    boolean isMet = true;
    for (Setting setting : comparison.settings()) {
      List<Trial> trials = setting.faults().equals(Faults.SLOW_ONE) ? changing(setting) : List.of();
      if (trials.isEmpty()) {
        continue;
      }
      Scenario scenario = trials.get(0).scenario();
      long length = Simulation.length(scenario).toNanos();
      Disturbance what = Disturbance.first(scenario.fleet().changes(), length).orElseThrow();
      Optional<Reaction> reaction =
          Reaction.of(
              timelines.of(setting, Comparison.DEFAULT),
              what,
              Math.round(scenario.warmUpShare() * length));
      if (reaction.isPresent()) {
        isMet &= isGood(reaction.get(), scenario.fleet());
        found.add(text(setting, reaction.get()));
      }
    }
    return found.isEmpty() ? Goal.notRun(title) : Goal.of(title, String.join("; ", found), isMet);
  }

  private static boolean isGood(Reaction reaction, FleetSpec fleet) {
    return reaction.fallsWithin().orElse(Integer.MAX_VALUE)
            <= FALLS_WITHIN * fleet.endpoints().size()
        && reaction.returnsAfterSeconds().isPresent()
        && reaction.afterwards() >= Reaction.RETURNED_FROM
        && reaction.afterwards() <= Reaction.RETURNED_TO;
  }

  private static String text(Setting setting, Reaction reaction) {
    return String.format(
        Locale.ROOT,
        "%s, share %.2f then, %s (%s)",
        reaction.fallsWithin().isPresent()
            ? "falls within " + reaction.fallsWithin().getAsInt() + " requests"
            : "does not fall",
        reaction.during(),
        reaction.returnsAfterSeconds().isPresent()
            ? String.format(
                Locale.ROOT,
                "back after %.1f s with %.2f",
                reaction.returnsAfterSeconds().getAsDouble(),
                reaction.afterwards())
            : "not back before the end",
        setting);
  }

  private Goal visited(String title, double leastLoad, double mostWithout) {
    double most = 0;
    String measured = "";
    for (Setting setting : RivalGoals.calmSettings(comparison).toList()) {
      List<Trial> trials =
          setting.fleetClass().equals("wild") && setting.load() >= leastLoad
              ? timelines.trials(setting, Comparison.DEFAULT)
              : List.of();
      for (Trial trial : trials) {
        int endpoints = trial.scenario().fleet().endpoints().size();
        RunTimeline run = timelines.of(trial);
        int first = (int) (trial.scenario().warmUpShare() * run.requests());
        String slowest = slowest(trial.scenario().fleet()).id();
        double gap = run.longestIdle(slowest, first) / (double) endpoints;
        if (gap > most) {
          most = gap;
          measured =
              String.format(
                  Locale.ROOT,
                  "at most %.0f requests per endpoint while idle, share of all %.1f %% where that is"
                      + " %.1f %% of the speed (%s)",
                  gap,
                  100.0 * run.count(slowest, first, run.requests()) / (run.requests() - first),
                  100 * speedShare(trial.scenario().fleet()),
                  setting);
        }
      }
    }
    return measured.isEmpty() ? Goal.notRun(title) : Goal.of(title, measured, most <= mostWithout);
  }

  private static EndpointSpec slowest(FleetSpec fleet) {
    return fleet.endpoints().stream()
        .max(Comparator.comparingDouble(ReactionGoals::slowness))
        .orElseThrow();
  }

  /** What the slowest endpoint contributes to the speed of all. */
  private static double speedShare(FleetSpec fleet) {
    double speed = fleet.endpoints().stream().mapToDouble(any -> 1 / slowness(any)).sum();
    return 1 / slowness(slowest(fleet)) / speed;
  }

  private static double slowness(EndpointSpec endpoint) {
    return ReferenceGpu.timesSlower(endpoint.gpu());
  }

  private List<Trial> changing(Setting setting) {
    return timelines.trials(setting, Comparison.DEFAULT).stream()
        .filter(trial -> !trial.scenario().fleet().changes().isEmpty())
        .toList();
  }
}
