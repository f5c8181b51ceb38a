package io.inferencerouter.benchmarks.simulation.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.experiment.Medians;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.experiment.SustainableLoad.Found;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The highest loads that were found. */
public final class SustainableLoads {
  private SustainableLoads() {}

  /** A table for each setting, the best policy first; medians over seeds. */
  public static String table(List<Found> found, double ttftP99Millis) {
    Map<Setting, Map<String, List<Found>>> groups = new LinkedHashMap<>();
    for (Found one : found) {
      groups
          .computeIfAbsent(
              Setting.of(one.trial().scenario(), one.trial().faults()),
              setting -> new LinkedHashMap<>())
          .computeIfAbsent(one.trial().policy().name(), policy -> new ArrayList<>())
          .add(one);
    }
    StringBuilder text = new StringBuilder();
    groups.forEach(
        (setting, policies) -> {
          List<String> names = new ArrayList<>(policies.keySet());
          names.sort(
              Comparator.comparingDouble(
                  (String name) ->
                      -Medians.of(
                          policies.getOrDefault(name, List.of()).stream()
                              .map(Found::load)
                              .toList())));
          List<List<String>> lines = new ArrayList<>();
          for (String name : names) {
            List<Found> own = policies.getOrDefault(name, List.of());
            lines.add(
                List.of(
                    name,
                    Numbers.ratio(Medians.of(own.stream().map(Found::load).toList())),
                    Numbers.figure(Medians.of(own.stream().map(Found::rate).toList()))));
          }
          text.append(text.isEmpty() ? "" : "\n")
              .append(
                  String.format(
                      Locale.ROOT,
                      "%s on %s, %d router(s)%s: highest load with P99 TTFT within %s ms%n",
                      setting.workload(),
                      setting.fleet(),
                      setting.routers(),
                      setting.isFaultless() ? "" : ", " + setting.faults(),
                      Numbers.millis(ttftP99Millis)))
              .append(ResultTable.table(List.of("policy", "load", "req/s"), lines))
              .append('\n');
        });
    return text.toString();
  }

  /** A JSON array with an object for each policy, setting and seed. */
  public static String json(List<Found> found, double ttftP99Millis) {
    ArrayNode array = ResultJson.MAPPER.createArrayNode();
    for (Found one : found) {
      Scenario scenario = one.trial().scenario();
      ObjectNode json = array.addObject();
      json.put("workload", scenario.workload().name());
      json.put("fleet", scenario.fleet().name());
      json.put("routers", scenario.routers());
      json.put("policy", one.trial().policy().name());
      json.put("seed", scenario.seed());
      json.put("slo_ttft_p99_ms", ttftP99Millis);
      json.put("highest_load", one.load());
      json.put("highest_rps", one.rate());
      json.put("faults", one.trial().faults());
    }
    return ResultJson.text(array);
  }
}
