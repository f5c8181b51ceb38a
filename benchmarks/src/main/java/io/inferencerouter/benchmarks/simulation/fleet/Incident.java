package io.inferencerouter.benchmarks.simulation.fleet;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a fault does to one endpoint, and what that endpoint is to get.
 *
 * @param endpoint which one
 * @param beginNanos since the first arrival
 * @param endNanos likewise, {@link Disturbance#NEVER} if it does not recover; that of an endpoint
 *     that joins is its beginning
 * @param share of all requests that an endpoint is to get that joins: that of its speed; empty for
 *     one that was there before, as that is to get what it gets without the fault
 */
public record Incident(String endpoint, long beginNanos, long endNanos, OptionalDouble share) {
  /**
   * The first that a fault of a name brings to a fleet; empty if it brings none, or if more happens
   * to the fleet.
   *
   * @param lengthNanos from the first arrival to the last
   */
  public static Optional<Incident> of(String fault, FleetSpec fleet, long lengthNanos) {
    FleetSpec healthy = fleet.withoutChanges();
    Optional<List<FleetChange>> changes =
        Faults.byName(fault, healthy)
            .filter(all -> healthy.withChanges(all).equals(fleet))
            .filter(all -> areAlike(all));
    return changes.flatMap(
        all ->
            all.stream()
                .filter(FleetChange.Join.class::isInstance)
                .map(change -> joining((FleetChange.Join) change, healthy, lengthNanos))
                .findFirst()
                .or(() -> Disturbance.first(all, lengthNanos).map(Incident::disturbed)));
  }

  /** Whether one thing happens, at one time, be it to several endpoints. */
  private static boolean areAlike(List<FleetChange> changes) {
    return changes.stream()
        .allMatch(
            change ->
                change.getClass() == changes.get(0).getClass()
                    && change.at() == changes.get(0).at());
  }

  private static Incident disturbed(Disturbance what) {
    return new Incident(
        what.endpoint(), what.beginNanos(), what.endNanos(), OptionalDouble.empty());
  }

  private static Incident joining(FleetChange.Join join, FleetSpec fleet, long lengthNanos) {
    long begin = Math.round(join.at() * lengthNanos);
    double own = 1 / ReferenceGpu.timesSlower(join.endpoint().gpu());
    double others =
        fleet.endpoints().stream()
            .mapToDouble(any -> 1 / ReferenceGpu.timesSlower(any.gpu()))
            .sum();
    return new Incident(
        join.endpoint().id(), begin, begin, OptionalDouble.of(own / (own + others)));
  }
}
