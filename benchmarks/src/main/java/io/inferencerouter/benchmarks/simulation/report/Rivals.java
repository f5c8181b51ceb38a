package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Medians;
import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.experiment.Ratio;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Predicate;

/** How the default compares with others where nothing goes wrong. */
final class Rivals {
  private static final String BOUND =
      """
      The *fluid bound* is a P99 end-to-end that no policy reaches, whatever it knows, and no \
      scheduler within the endpoints either. It is the larger of two relaxations. *Alone*: no \
      request is done before it would be on the fastest idle endpoint, with all that any request \
      before it has read in the cache. *Fluid*: a step's fixed time is shared by at most as many \
      requests as an endpoint runs at a time, so each request takes at least a share w of an \
      endpoint's time, the least over the endpoints; all endpoints together are no better than one \
      server of the speed R that may be divided at will, R being the sum of what each can do of \
      that least work per time. For a P99 of D, one in a hundred may be later than D; all others \
      that arrive from i to j must be done by the arrival of j plus D, so D is at least their \
      work over R, less the largest ones that may be late, less the time from i to j, for any i \
      and j. It assumes perfect batches, a perfect cache and no queue behind anybody, so it is \
      far below what can be had; conversations that wait for answers have only the first part, \
      and encoders, jobs and fleets that change have none.
      """;

  private final Findings found;

  Rivals(Findings found) {
    this.found = found;
  }

  /** Writes how it compares with the best rival of each setting. */
  void best() {
    found.text().heading(2, "Against the best rival of each setting");
    List<List<String>> lines = new ArrayList<>();
    Set<String> classes = new LinkedHashSet<>();
    Set<Integer> routers = new LinkedHashSet<>();
    found
        .calm()
        .forEach(
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
    found
        .text()
        .table(
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
            Findings.medians(
                found.ratios(
                    setting -> setting.routers() == number,
                    setting ->
                        found.comparison().againstBest(setting, metric, Comparison.RIVALS))));
      }
      if (series.values().stream().anyMatch(values -> !values.isEmpty())) {
        String title = metric.title() + ", default / best rival";
        found.text().image(title, found.charts().ratios("ratios " + metric.title(), title, series));
      }
    }
  }

  private void summary(
      List<List<String>> lines, String title, int routers, Predicate<Setting> chosen) {
    List<Ratio> e2e =
        found.ratios(
            chosen,
            setting -> found.comparison().againstBest(setting, Metric.E2E_P99, Comparison.RIVALS));
    if (e2e.isEmpty()) {
      return;
    }
    List<Ratio> ttft =
        found.ratios(
            chosen,
            setting -> found.comparison().againstBest(setting, Metric.TTFT_P99, Comparison.RIVALS));
    List<Ratio> untold =
        found.ratios(
            chosen,
            setting ->
                found.comparison().againstBest(setting, Metric.E2E_P99, Comparison.UNTOLD_RIVALS));
    lines.add(
        List.of(
            title,
            Integer.toString(routers),
            Integer.toString(e2e.size()),
            Numbers.ratio(Medians.of(Findings.medians(e2e))),
            Findings.worst(e2e),
            Numbers.ratio(Medians.of(Findings.medians(ttft))),
            Findings.worst(ttft),
            Numbers.ratio(Medians.of(Findings.medians(untold))),
            "±" + Numbers.ratio(Medians.of(e2e.stream().map(Ratio::noise).toList()))));
  }

  /** Writes how far it is from what no policy can beat. */
  void bound() {
    List<List<String>> lines = new ArrayList<>();
    for (int routers : found.calm().stream().map(Setting::routers).distinct().toList()) {
      List<Double> ratios =
          found.calm().stream()
              .filter(setting -> setting.routers() == routers)
              .map(
                  setting ->
                      found.bounds().timesAbove(found.comparison(), setting, Comparison.DEFAULT))
              .filter(OptionalDouble::isPresent)
              .map(OptionalDouble::getAsDouble)
              .toList();
      if (!ratios.isEmpty()) {
        lines.add(
            List.of(
                Integer.toString(routers),
                Integer.toString(ratios.size()),
                Numbers.ratio(Medians.of(ratios)),
                Numbers.ratio(ratios.stream().mapToDouble(Double::doubleValue).max().orElse(0))));
      }
    }
    if (!lines.isEmpty()) {
      found
          .text()
          .heading(2, "Against what nobody can beat")
          .paragraph(BOUND)
          .table(
              List.of("routers", "settings", "P99 end-to-end, default / bound: median", "worst"),
              lines);
    }
  }

  /** Writes how it compares with the oracle. */
  void oracle() {
    List<List<String>> lines = new ArrayList<>();
    for (int routers : found.calm().stream().map(Setting::routers).distinct().toList()) {
      for (Metric metric : Metric.values()) {
        List<Ratio> ratios =
            found.ratios(
                setting -> setting.routers() == routers,
                setting ->
                    found.comparison().ratio(setting, metric, Comparison.DEFAULT, Oracle.NAME));
        if (!ratios.isEmpty()) {
          lines.add(
              List.of(
                  metric.title(),
                  Integer.toString(routers),
                  Integer.toString(ratios.size()),
                  Numbers.ratio(Medians.of(Findings.medians(ratios))),
                  Findings.worst(ratios)));
        }
      }
    }
    if (!lines.isEmpty()) {
      found
          .text()
          .heading(2, "Against the oracle")
          .paragraph(
              "References know the true sizes of requests and the true state of endpoints, and take"
                  + " what is best for the request at hand. The oracle is the best of them, figure"
                  + " by figure. Greedy choices are no bound: it can be beaten.")
          .table(List.of("default / oracle", "routers", "settings", "median", "worst"), lines);
    }
  }
}
