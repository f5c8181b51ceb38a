package io.inferencerouter.core.internal.health;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * What is usual among the endpoints of each model: medians, so that the one that is compared does
 * not move what it is compared with. Of an even number the better of the two in the middle counts,
 * so that of two endpoints the worse one can stand out.
 */
final class FleetMedians {
  /** A model's medians. */
  private record Usual(double failureRate, double pace) {}

  private final Map<String, Usual> byModel = new HashMap<>();

  /**
   * Works them out.
   *
   * @param byModel the endpoints of each model that have answered enough; with less than two there
   *     is nothing to compare
   */
  FleetMedians(Map<String, List<EndpointHealth>> byModel) {
    byModel.forEach(
        (model, healths) -> {
          if (healths.size() > 1) {
            this.byModel.put(
                model,
                new Usual(
                    median(healths, EndpointHealth::failureRate),
                    median(healths, EndpointHealth::pace)));
          }
        });
  }

  private static double median(
      Collection<EndpointHealth> healths, ToDoubleFunction<EndpointHealth> value) {
    double[] values = healths.stream().mapToDouble(value).toArray();
    Arrays.sort(values);
    return values[(values.length - 1) / 2];
  }

  /** The largest median of the failure rate among some models; 1 if none of them has one. */
  double failureRate(Collection<String> models) {
    return models.stream()
        .map(byModel::get)
        .filter(Objects::nonNull)
        .mapToDouble(Usual::failureRate)
        .max()
        .orElse(1);
  }

  /** As {@link #failureRate}, of the pace; infinity if there is none. */
  double pace(Collection<String> models) {
    return models.stream()
        .map(byModel::get)
        .filter(Objects::nonNull)
        .mapToDouble(Usual::pace)
        .max()
        .orElse(Double.POSITIVE_INFINITY);
  }
}
