package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.measure.Percentiles;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;

/**
 * The best of the references, metric by metric: no single policy needs to reach it, and as the
 * references are greedy, it is no bound either.
 */
public final class Oracle {
  /** What it is called in results. */
  public static final String NAME = "oracle";

  private Oracle() {}

  /**
   * Adds a row for each setting and seed, behind the last of its references.
   *
   * @param references which policies it is made of
   */
  public static List<Row> added(List<Row> rows, Set<String> references) {
    Map<Place, Row> best = new LinkedHashMap<>();
    Map<Place, Integer> last = new LinkedHashMap<>();
    BinaryOperator<Row> better =
        (one, other) -> new Row(best(one.result(), other.result()), one.standing(), one.faults());
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      if (references.contains(row.policy())) {
        Place place = new Place(row.setting(), row.result().seed());
        best.merge(place, named(row), better);
        last.put(place, i);
      }
    }
    List<Row> all = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      all.add(row);
      Place place = new Place(row.setting(), row.result().seed());
      Row found = best.get(place);
      if (found != null && last.getOrDefault(place, -1) == i) {
        all.add(found);
      }
    }
    return List.copyOf(all);
  }

  private record Place(Setting setting, long seed) {}

  private static Row named(Row row) {
    return new Row(best(row.result(), row.result()), Standing.REFERENCE, row.faults());
  }

  private static RunResult best(RunResult one, RunResult other) {
    return new RunResult(
        one.workload(),
        one.fleet(),
        one.routers(),
        one.load(),
        one.rate(),
        NAME,
        one.seed(),
        one.requests(),
        Math.max(one.completed(), other.completed()),
        Math.min(one.failed(), other.failed()),
        Math.min(one.lost(), other.lost()),
        least(one.ttftMillis(), other.ttftMillis()),
        least(one.itlMillis(), other.itlMillis()),
        least(one.e2eMillis(), other.e2eMillis()),
        least(one.answeredTtftMillis(), other.answeredTtftMillis()),
        least(one.answeredE2eMillis(), other.answeredE2eMillis()),
        Math.max(one.goodput(), other.goodput()),
        Math.max(one.throughputRps(), other.throughputRps()),
        Math.max(one.throughputRpsPerGpu(), other.throughputRpsPerGpu()),
        Math.min(one.workCv(), other.workCv()),
        Math.max(one.prefixHitRate(), other.prefixHitRate()),
        Math.min(one.modelLoads(), other.modelLoads()),
        Math.min(one.wastedShare(), other.wastedShare()),
        Math.max(one.fairnessJain(), other.fairnessJain()),
        Math.min(one.tenantP99Spread(), other.tenantP99Spread()),
        Math.min(one.churn(), other.churn()),
        Math.min(one.simSeconds(), other.simSeconds()),
        Math.max(one.wallSeconds(), other.wallSeconds()));
  }

  private static Percentiles least(Percentiles one, Percentiles other) {
    return new Percentiles(
        Math.min(one.p50(), other.p50()),
        Math.min(one.p95(), other.p95()),
        Math.min(one.p99(), other.p99()),
        Math.min(one.p999(), other.p999()));
  }
}
