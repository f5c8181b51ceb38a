package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Results of many runs, put side by side. All figures are medians over seeds. */
public final class Comparison {
  /** What the library's own policy is called. */
  public static final String DEFAULT = "default";

  /** Everything that was published by others. */
  public static final Set<Standing> RIVALS = Set.of(Standing.RIVAL, Standing.INFORMED_RIVAL);

  /** Those of them that need not be told anything, as the default. */
  public static final Set<Standing> UNTOLD_RIVALS = Set.of(Standing.RIVAL);

  /** What comes out of prefix caches by chance is less. */
  private static final double PREFIX_HIT_RATE = 0.02;

  private final Map<Setting, Map<String, List<Row>>> rows = new LinkedHashMap<>();

  /** Puts rows side by side; settings and policies keep their order. */
  public Comparison(List<Row> all) {
    for (Row row : all) {
      rows.computeIfAbsent(row.setting(), setting -> new LinkedHashMap<>())
          .computeIfAbsent(row.policy(), policy -> new ArrayList<>())
          .add(row);
    }
  }

  /** What was run. */
  public List<Setting> settings() {
    return List.copyOf(rows.keySet());
  }

  /** Those of the workloads of which some policy takes input out of prefix caches. */
  public Set<String> prefixWorkloads() {
    return settings().stream()
        .filter(
            setting ->
                policies(setting).stream()
                    .anyMatch(
                        policy ->
                            median(setting, policy, RunResult::prefixHitRate) > PREFIX_HIT_RATE))
        .map(Setting::workload)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether policies are compared of which each was run once. */
  public boolean hasOneSeed() {
    return rows.values().stream().anyMatch(policies -> policies.size() > 1)
        && rows.values().stream()
            .flatMap(policies -> policies.values().stream())
            .allMatch(runs -> runs.size() == 1);
  }

  /** Who took part in a setting. */
  public List<String> policies(Setting setting) {
    return List.copyOf(rows.getOrDefault(setting, Map.of()).keySet());
  }

  /** The rows of a policy, one for each seed. */
  public List<Row> rows(Setting setting, String policy) {
    return rows.getOrDefault(setting, Map.of()).getOrDefault(policy, List.of());
  }

  /** The standing of a policy that took part. */
  public Standing standing(Setting setting, String policy) {
    return rows(setting, policy).get(0).standing();
  }

  /** A figure of a policy; not a number if it did not take part. */
  public double median(Setting setting, String policy, ToDoubleFunction<RunResult> figure) {
    return Medians.of(
        rows(setting, policy).stream().map(row -> figure.applyAsDouble(row.result())).toList());
  }

  /** A time of a policy; not a number if it did not take part. */
  public double median(Setting setting, String policy, Metric metric) {
    return median(setting, policy, metric::of);
  }

  /** The best of some kinds of policies by a time. */
  public Optional<String> best(Setting setting, Metric metric, Set<Standing> standings) {
    return policies(setting).stream()
        .filter(policy -> standings.contains(standing(setting, policy)))
        .filter(policy -> median(setting, policy, metric) > 0)
        .min(bestFirst(setting, metric));
  }

  /** Policies of a setting by a time; of two to which it is infinite, by what comes to nothing. */
  public Comparator<String> bestFirst(Setting setting, Metric metric) {
    return Comparator.comparingDouble((String policy) -> median(setting, policy, metric))
        .thenComparingDouble(policy -> brokenShare(setting, policy));
  }

  private double brokenShare(Setting setting, String policy) {
    return Medians.of(rows(setting, policy).stream().map(Row::brokenShare).toList());
  }

  /**
   * How a policy compares with another in the same setting; empty if there is nothing to see. What
   * is infinite is worse than any time by an infinite ratio, and as bad as what is infinite too.
   */
  public Optional<Ratio> ratio(Setting setting, Metric metric, String policy, String against) {
    return ratio(rows(setting, policy), rows(setting, against), metric, against);
  }

  /** How a policy does in one setting, compared with itself in another. */
  public Optional<Ratio> ratio(Setting setting, Setting against, Metric metric, String policy) {
    return ratio(rows(setting, policy), rows(against, policy), metric, policy);
  }

  private static Optional<Ratio> ratio(
      List<Row> ours, List<Row> theirs, Metric metric, String against) {
    Map<Long, Double> bySeed = new LinkedHashMap<>();
    theirs.forEach(row -> bySeed.put(row.result().seed(), metric.of(row.result())));
    List<Double> ratios = new ArrayList<>();
    boolean isAnyFinite = false;
    for (Row row : ours) {
      double other = bySeed.getOrDefault(row.result().seed(), 0.0);
      double own = metric.of(row.result());
      if (other > 0 && own > 0) {
        ratios.add(own == other ? 1 : own / other);
        isAnyFinite |= Double.isFinite(Math.min(own, other));
      }
    }
    return isAnyFinite ? Optional.of(Ratio.of(against, ratios)) : Optional.empty();
  }

  /** How the default compares with the best of some kinds of policies. */
  public Optional<Ratio> againstBest(Setting setting, Metric metric, Set<Standing> standings) {
    return best(setting, metric, standings)
        .flatMap(rival -> ratio(setting, metric, DEFAULT, rival));
  }
}
