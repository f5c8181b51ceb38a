package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Medians;
import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.experiment.Ratio;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/** The report of a plan: what was run, how the default does, and all figures. */
public final class SimulationReport {
  private static final double PREFIX_HITS_WORTH_SHOWING = 0.02;

  private final Plan plan;
  private final List<Trial> trials;
  private final Comparison comparison;
  private final List<Setting> calm;
  private final Charts charts;
  private final Markdown text;
  private final Optional<Timelines> timelines;

  /**
   * A report.
   *
   * @param trials what was run
   * @param rows what came of it, with the oracle
   * @param file where it will be; its charts go into a folder {@code simulation} beside it
   * @param timelines shows runs over time, if somebody can
   */
  public SimulationReport(
      Plan plan, List<Trial> trials, List<Row> rows, Path file, Optional<Timelines> timelines) {
    this.plan = plan;
    this.trials = trials;
    this.timelines = timelines;
    comparison = new Comparison(rows);
    calm = comparison.settings().stream().filter(Setting::isFaultless).toList();
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent() == null ? absolute : absolute.getParent();
    charts = new Charts(folder.resolve("simulation"));
    text = new Markdown(folder);
  }

  /** Draws the charts and makes the text. */
  public String text() {
    introduction();
    summary();
    oracle();
    manyRouters();
    prefixes();
    faults();
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

  private void summary() {
    text.heading(2, "Against the best rival of each setting");
    List<List<String>> lines = new ArrayList<>();
    Set<String> classes = new LinkedHashSet<>();
    Set<Integer> routers = new LinkedHashSet<>();
    calm.forEach(
        setting -> {
          classes.add(setting.fleetClass());
          routers.add(setting.routers());
        });
    for (int number : routers) {
      for (String fleet : classes) {
        summary(
            lines,
            fleet,
            number,
            setting -> setting.fleetClass().equals(fleet) && setting.routers() == number);
      }
      summary(lines, "**all**", number, setting -> setting.routers() == number);
    }
    text.table(
        List.of(
            "fleets",
            "routers",
            "settings",
            "e2e P99 median",
            "worst",
            "TTFT P99 median",
            "worst",
            "e2e P99 median, untold rivals",
            "noise"),
        lines);
    for (Metric metric : Metric.values()) {
      Map<String, List<Double>> series = new LinkedHashMap<>();
      for (int number : routers) {
        series.put(
            number == 1 ? "1 router" : number + " routers",
            medians(
                ratios(
                    setting -> setting.routers() == number,
                    setting -> comparison.againstBest(setting, metric, Comparison.RIVALS))));
      }
      if (series.values().stream().anyMatch(values -> !values.isEmpty())) {
        String title = metric.title() + ", default / best rival";
        text.image(title, charts.ratios("ratios " + metric.title(), title, series));
      }
    }
  }

  private void summary(
      List<List<String>> lines, String title, int routers, Predicate<Setting> chosen) {
    List<Ratio> e2e =
        ratios(
            chosen, setting -> comparison.againstBest(setting, Metric.E2E_P99, Comparison.RIVALS));
    if (e2e.isEmpty()) {
      return;
    }
    List<Ratio> ttft =
        ratios(
            chosen, setting -> comparison.againstBest(setting, Metric.TTFT_P99, Comparison.RIVALS));
    List<Ratio> untold =
        ratios(
            chosen,
            setting -> comparison.againstBest(setting, Metric.E2E_P99, Comparison.UNTOLD_RIVALS));
    lines.add(
        List.of(
            title,
            Integer.toString(routers),
            Integer.toString(e2e.size()),
            Numbers.ratio(Medians.of(medians(e2e))),
            worst(e2e),
            Numbers.ratio(Medians.of(medians(ttft))),
            worst(ttft),
            Numbers.ratio(Medians.of(medians(untold))),
            "±" + Numbers.ratio(Medians.of(e2e.stream().map(Ratio::noise).toList()))));
  }

  private List<Ratio> ratios(Predicate<Setting> chosen, Function<Setting, Optional<Ratio>> ratio) {
    return calm.stream().filter(chosen).map(ratio).flatMap(Optional::stream).toList();
  }

  private static List<Double> medians(List<Ratio> ratios) {
    return ratios.stream().map(Ratio::median).toList();
  }

  private static String worst(List<Ratio> ratios) {
    return Numbers.ratio(ratios.stream().mapToDouble(Ratio::median).max().orElse(Double.NaN));
  }

  private void oracle() {
    List<List<String>> lines = new ArrayList<>();
    for (int routers : calm.stream().map(Setting::routers).distinct().toList()) {
      for (Metric metric : Metric.values()) {
        List<Ratio> ratios =
            ratios(
                setting -> setting.routers() == routers,
                setting -> comparison.ratio(setting, metric, Comparison.DEFAULT, Oracle.NAME));
        if (!ratios.isEmpty()) {
          lines.add(
              List.of(
                  metric.title(),
                  Integer.toString(routers),
                  Integer.toString(ratios.size()),
                  Numbers.ratio(Medians.of(medians(ratios))),
                  worst(ratios)));
        }
      }
    }
    if (!lines.isEmpty()) {
      text.heading(2, "Against the oracle")
          .paragraph(
              "References know the true sizes of requests and the true state of endpoints, and take"
                  + " what is best for the request at hand. The oracle is the best of them, figure"
                  + " by figure. Greedy choices are no bound: it can be beaten.")
          .table(List.of("default / oracle", "routers", "settings", "median", "worst"), lines);
    }
  }

  private void manyRouters() {
    List<List<String>> lines = new ArrayList<>();
    for (Setting setting : calm) {
      Setting one = setting.withRouters(1);
      if (setting.routers() > 1 && calm.contains(one)) {
        lines.add(
            List.of(
                setting.workload() + " on " + setting.fleet() + ", " + setting.pressure(),
                Integer.toString(setting.routers()),
                ratio(comparison.ratio(setting, one, Metric.E2E_P99, Comparison.DEFAULT)),
                ratio(comparison.ratio(setting, one, Metric.TTFT_P99, Comparison.DEFAULT)),
                ratio(comparison.againstBest(setting, Metric.E2E_P99, Comparison.RIVALS)),
                comparison.best(setting, Metric.E2E_P99, Comparison.RIVALS).orElse(Numbers.NONE)));
      }
    }
    if (!lines.isEmpty()) {
      text.heading(2, "Many routers")
          .paragraph(
              "Independent routers before the same fleet share nothing. The default with many of"
                  + " them against itself with one:")
          .table(
              List.of(
                  "setting", "routers", "e2e P99", "TTFT P99", "e2e P99 to best rival", "that is"),
              lines);
    }
  }

  private static String ratio(Optional<Ratio> ratio) {
    return ratio.map(Ratio::toString).orElse(Numbers.NONE);
  }

  private void prefixes() {
    List<Setting> prefix =
        calm.stream()
            .filter(
                setting ->
                    comparison.policies(setting).stream()
                        .anyMatch(
                            policy ->
                                comparison.median(setting, policy, RunResult::prefixHitRate)
                                    > PREFIX_HITS_WORTH_SHOWING))
            .toList();
    if (prefix.isEmpty()) {
      return;
    }
    text.heading(2, "Prefix caches")
        .paragraph(
            "Share of input that came out of a cache, and the coefficient of variation of work"
                + " over endpoints: a good policy has much of the one and little of the other.");
    for (Setting setting : prefix) {
      List<List<String>> lines = new ArrayList<>();
      for (List<String> line : new SettingTable(comparison, setting).cells()) {
        String policy = line.get(0).replace(SettingTable.INFORMED_MARK, "");
        lines.add(
            List.of(
                line.get(0),
                Numbers.percent(comparison.median(setting, policy, RunResult::prefixHitRate)),
                Numbers.ratio(comparison.median(setting, policy, RunResult::workCv)),
                Numbers.percent(comparison.median(setting, policy, RunResult::churn)),
                Numbers.millis(comparison.median(setting, policy, Metric.TTFT_P99)),
                Numbers.millis(comparison.median(setting, policy, Metric.E2E_P99))));
      }
      text.folded(
          setting.toString(),
          () ->
              text.table(
                  List.of("policy", "hits", "work CV", "churn", "TTFT p99 ms", "e2e p99 ms"),
                  lines));
    }
  }

  private void faults() {
    List<Setting> faulty =
        comparison.settings().stream().filter(setting -> !setting.isFaultless()).toList();
    if (faulty.isEmpty()) {
      return;
    }
    List<List<String>> lines = new ArrayList<>();
    for (Setting setting : faulty) {
      lines.add(
          List.of(
              setting.toString(),
              ratio(
                  comparison.ratio(
                      setting, setting.withoutFaults(), Metric.E2E_P99, Comparison.DEFAULT)),
              ratio(comparison.againstBest(setting, Metric.E2E_P99, Comparison.RIVALS)),
              ratio(comparison.againstBest(setting, Metric.TTFT_P99, Comparison.RIVALS)),
              comparison.best(setting, Metric.E2E_P99, Comparison.RIVALS).orElse(Numbers.NONE),
              Numbers.count(
                  comparison.median(
                      setting, Comparison.DEFAULT, result -> result.failed() + result.lost()))));
    }
    text.heading(2, "Faults")
        .paragraph("What happens is said by `faults` on the command line.")
        .table(
            List.of(
                "setting",
                "e2e P99 to no fault",
                "e2e P99 to best rival",
                "TTFT P99 to best rival",
                "that is",
                "failed or lost"),
            lines);
    timelines.ifPresent(source -> faulty.forEach(setting -> timeline(source, setting)));
  }

  private void timeline(Timelines source, Setting setting) {
    Optional<String> rival = comparison.best(setting, Metric.E2E_P99, Comparison.RIVALS);
    Map<String, Map<Double, Double>> shares = new LinkedHashMap<>();
    Map<String, Map<Double, Double>> times = new LinkedHashMap<>();
    Set<String> done = new LinkedHashSet<>();
    for (Trial trial : trials) {
      String policy = trial.policy().name();
      boolean shown = policy.equals(Comparison.DEFAULT) || policy.equals(rival.orElse(""));
      if (shown
          && Setting.of(trial.scenario(), trial.faults()).equals(setting)
          && done.add(policy)) {
        Map<Double, Double> share = new TreeMap<>();
        Map<Double, Double> time = new TreeMap<>();
        for (Timelines.Interval interval :
            source.of(trial, trial.scenario().fleet().endpoints().get(0).id())) {
          share.put(interval.seconds(), interval.share());
          time.put(interval.seconds(), interval.e2eP99Millis() / 1000);
        }
        shares.put(policy, share);
        times.put(policy, time);
      }
    }
    if (shares.values().stream().anyMatch(points -> !points.isEmpty())) {
      String share = "Share of the endpoint that is hit: " + setting;
      text.image(share, charts.timeline(share, share, "share of requests", shares));
      String time = "P99 end-to-end over time: " + setting;
      text.image(time, charts.timeline(time, time, "seconds", times));
    }
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
