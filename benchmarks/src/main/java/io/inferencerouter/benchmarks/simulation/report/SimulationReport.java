package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Medians;
import io.inferencerouter.benchmarks.simulation.experiment.Replay;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report of a plan: what was run, how the default does, and all figures. */
public final class SimulationReport {
  private final Plan plan;
  private final List<Trial> trials;
  private final Replay replay;
  private final Comparison comparison;
  private final Markdown text;
  private final Findings found;

  /**
   * A report.
   *
   * @param trials what was run
   * @param rows what came of it, with the oracle
   * @param file where it will be; its charts go into a folder {@code simulation} beside it
   * @param replay makes runs again in which something happens, for what happened over time
   */
  public SimulationReport(Plan plan, List<Trial> trials, List<Row> rows, Path file, Replay replay) {
    this.plan = plan;
    this.trials = trials;
    this.replay = replay;
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent() == null ? absolute : absolute.getParent();
    comparison = new Comparison(rows);
    text = new Markdown(folder);
    found = new Findings(comparison, text, new Charts(folder.resolve("simulation")));
  }

  /** Draws the charts and makes the text. */
  public String text() {
    introduction();
    Rivals rivals = new Rivals(found);
    rivals.best();
    rivals.oracle();
    new ManyRouters(found).write();
    new PrefixCaches(found).write();
    new FaultReactions(found, trials, replay).write();
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
        .code("mvn -q -P simulate -Dsimulate.args=\"report --plan " + plan.name() + "\"")
        .paragraph(
            String.format(
                Locale.ROOT,
                "%d settings (workload, fleet, faults, routers, load), %d policies, %s, at most %s"
                    + " requests a run. *Load* is a share of the measured saturation of the fleet on"
                    + " the workload, without cache hits. All policies meet the same requests."
                    + " Figures are medians over seeds; a **ratio** is the median of the ratios of"
                    + " each seed, and after ± stands half the distance between its largest and its"
                    + " smallest: what is smaller than that may be chance. Below 1 the default is"
                    + " better. *Best rival* is the best in that setting and figure, a different"
                    + " one each time, rivals included that are told the true weights or the load"
                    + " (marked *). A rival that loses more than 1 %% of the requests more than the"
                    + " default is not called best.",
                comparison.settings().size(),
                policies,
                plan.seeds().size() == 1 ? "1 seed" : plan.seeds().size() + " seeds",
                Numbers.count((double) plan.requests())));
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
      SettingTable table = new SettingTable(comparison, setting);
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
