package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Medians;
import io.inferencerouter.benchmarks.simulation.experiment.Recoveries;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.experiment.Timelines;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import io.inferencerouter.benchmarks.simulation.report.goal.Goal;
import io.inferencerouter.benchmarks.simulation.report.goal.Goals;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report of a plan: what was run, how the default does, and all figures. */
public final class SimulationReport {
  private final Plan plan;
  private final String command;
  private final Timelines timelines;
  private final Recoveries recoveries;
  private final Comparison comparison;
  private final List<Goal> goals;
  private final Markdown text;
  private final Findings found;

  /**
   * A report.
   *
   * @param command how to make it again, behind the simulator's name
   * @param results what was run, and what came of it
   * @param goals what is to be reached
   * @param file where it will be; its charts go into a folder {@code simulation} beside it
   */
  public SimulationReport(
      Plan plan, String command, PlanResults results, List<Goal> goals, Path file) {
    this.plan = plan;
    this.command = command;
    this.goals = goals;
    timelines = results.timelines();
    recoveries = results.recoveries();
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent() == null ? absolute : absolute.getParent();
    comparison = results.comparison();
    text = new Markdown(folder);
    found =
        new Findings(comparison, results.bounds(), text, new Charts(folder.resolve("simulation")));
  }

  /** Draws the charts and makes the text. */
  public String text() {
    introduction();
    goals();
    Rivals rivals = new Rivals(found);
    rivals.best();
    rivals.oracle();
    rivals.bound();
    new ManyRouters(found).write();
    new PrefixCaches(found).write();
    new FaultReactions(found, timelines).write();
    new RecoveryTable(found, recoveries).write();
    speed();
    settings();
    return text.toString();
  }

  private void introduction() {
    int policies =
        (int)
            comparison.settings().stream()
                .flatMap(setting -> comparison.policies(setting).stream())
                .distinct()
                .count();
    text.heading(1, "Simulation report")
        .paragraph(
            "The default policy against published ones, in virtual time against modelled GPUs. This"
                + " file is generated; to make it again:")
        .code("mvn -q -P simulate -Dsimulate.args=\"" + command + "\"")
        .paragraph(
            String.format(
                Locale.ROOT,
                "%d settings (workload, fleet, faults, routers, load), %d policies, %s, most runs"
                    + " of %s requests. *Load* is a share of the measured saturation of the fleet"
                    + " on the workload, without cache hits. All policies meet the same requests."
                    + " Figures are medians over seeds; a **ratio** is the median of the ratios of"
                    + " each seed, and after ± stands half the distance between its largest and its"
                    + " smallest: what is smaller than that may be chance. Below 1 the default is"
                    + " better. *Best rival* is the best in that setting and figure, a different"
                    + " one each time, rivals included that are told the true weights or the load"
                    + " (marked *). Times to the first output and to the whole answer are those of"
                    + " all requests after the warm-up, and who fails or is lost is infinitely"
                    + " late: a P99 is ∞ where more than one in a hundred came to nothing, and that"
                    + " is worse than any other. Of two that are ∞ the one is better that loses"
                    + " less, but there is no ratio; charts have no mark for what is ∞.",
                comparison.settings().size(),
                policies,
                seeds(),
                Numbers.count((double) plan.requests())));
  }

  private String seeds() {
    int usual = plan.seeds().size();
    int most =
        plan.groups().stream().mapToInt(group -> group.seeds().size()).reduce(usual, Math::max);
    return (usual == 1 ? "1 seed" : usual + " seeds")
        + (most > usual ? " (up to " + most + " in settings with faults)" : "");
  }

  private void goals() {
    text.heading(2, "Goals")
        .paragraph(
            "What the default, with nothing configured, is to reach; where nothing else is said, in"
                + " settings in which nothing goes wrong. Verdicts are those of the figures in this"
                + " table. "
                + Goals.summary(goals))
        .table(Goals.header(), Goals.cells(goals));
  }

  private void speed() {
    List<Double> rates = new ArrayList<>();
    for (Setting setting : comparison.settings()) {
      double rate =
          comparison.median(
              setting,
              Comparison.DEFAULT,
              result -> result.wallSeconds() > 0 ? result.requests() / result.wallSeconds() : 0);
      if (rate > 0) {
        rates.add(rate);
      }
    }
    if (!rates.isEmpty()) {
      List<Double> sorted = rates.stream().sorted().toList();
      text.heading(2, "The simulator itself")
          .paragraph(
              String.format(
                  Locale.ROOT,
                  "Simulated requests per second of one thread, with the default: %s in the slowest"
                      + " setting, %s in the median, %s in the fastest. Other work on the machine"
                      + " counts against it.",
                  Numbers.count(sorted.get(0)),
                  Numbers.count(Medians.of(sorted)),
                  Numbers.count(sorted.get(sorted.size() - 1))));
    }
  }

  private void settings() {
    text.heading(2, "All settings");
    boolean informed = false;
    for (Setting setting : comparison.settings()) {
      SettingTable table = new SettingTable(comparison, setting, found.bounds());
      informed |=
          comparison.policies(setting).stream()
              .anyMatch(policy -> comparison.standing(setting, policy) == Standing.INFORMED_RIVAL);
      text.folded(setting.toString(), () -> text.table(table.header(), table.cells()));
    }
    if (informed) {
      text.paragraph("\\* is told the true weights, or the load that endpoints report.");
    }
  }
}
