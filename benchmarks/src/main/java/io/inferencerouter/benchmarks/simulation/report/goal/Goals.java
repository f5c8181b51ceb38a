package io.inferencerouter.benchmarks.simulation.report.goal;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Recoveries;
import io.inferencerouter.benchmarks.simulation.experiment.Replay;
import io.inferencerouter.benchmarks.simulation.experiment.Timelines;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All that is to be reached, judged by the figures of a plan's runs. */
public final class Goals {
  private Goals() {}

  /**
   * The goals, in a fixed order.
   *
   * @param timelines of the same runs
   * @param recoveries from what goes wrong in them
   * @param replay makes runs once more, to see how long they take
   */
  public static List<Goal> of(
      Comparison comparison, Timelines timelines, Recoveries recoveries, Replay replay) {
    List<Goal> goals = new ArrayList<>(new RivalGoals(comparison).goals());
    goals.addAll(new CrowdGoals(comparison).goals());
    goals.add(new PrefixGoal(comparison).goal());
    goals.addAll(new ReactionGoals(comparison, timelines).goals());
    goals.addAll(new RecoveryGoals(comparison, recoveries).goals());
    goals.addAll(new SimulatorGoals(comparison, timelines, replay).goals());
    goals.add(Refusals.goal());
    return List.copyOf(goals);
  }

  /** How many are met, in a sentence. */
  public static String summary(List<Goal> goals) {
    return String.format(
        Locale.ROOT,
        "%d goals: %d met, %d not met, %d stated without a limit, %d not run in this plan.",
        goals.size(),
        count(goals, Goal.Verdict.MET),
        count(goals, Goal.Verdict.MISSED),
        count(goals, Goal.Verdict.STATED),
        count(goals, Goal.Verdict.NOT_RUN));
  }

  private static long count(List<Goal> goals, Goal.Verdict verdict) {
    return goals.stream().filter(goal -> goal.verdict() == verdict).count();
  }

  /** All of them for a terminal. */
  public static String text(List<Goal> goals) {
    StringBuilder text = new StringBuilder();
    for (Goal goal : goals) {
      text.append(String.format(Locale.ROOT, "%-8s  %s\n", goal.verdict(), goal.title()));
      text.append(String.format(Locale.ROOT, "%-8s  - %s\n", "", goal.measured()));
    }
    return text.append(summary(goals)).append('\n').toString();
  }

  /** The heads of the columns. */
  public static List<String> header() {
    return List.of("goal", "measured", "verdict");
  }

  /** A line for each. */
  public static List<List<String>> cells(List<Goal> goals) {
    return goals.stream()
        .map(goal -> List.of(goal.title(), goal.measured(), "**" + goal.verdict() + "**"))
        .toList();
  }
}
