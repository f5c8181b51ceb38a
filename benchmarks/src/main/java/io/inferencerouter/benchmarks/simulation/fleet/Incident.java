package io.inferencerouter.benchmarks.simulation.fleet;

import java.util.List;
import java.util.Optional;

/**
 * What a fault does to one endpoint, and whom that endpoint is to be like.
 *
 * @param endpoint which one
 * @param beginNanos since the first arrival
 * @param endNanos likewise, {@link Disturbance#NEVER} if it does not recover; that of an endpoint
 *     that joins is its beginning
 * @param twin of an endpoint that joins: one that was there before and is to get as much, as it is
 *     the same but for its name; empty for one that was there before itself, as that is to get what
 *     it gets without the fault
 */
public record Incident(String endpoint, long beginNanos, long endNanos, Optional<String> twin) {
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
                .flatMap(
                    change -> joining((FleetChange.Join) change, healthy, lengthNanos).stream())
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
    return new Incident(what.endpoint(), what.beginNanos(), what.endNanos(), Optional.empty());
  }

  private static Optional<Incident> joining(
      FleetChange.Join join, FleetSpec fleet, long lengthNanos) {
    long begin = Math.round(join.at() * lengthNanos);
    String id = join.endpoint().id();
    return fleet.endpoints().stream()
        .filter(any -> any.named(id).equals(join.endpoint()))
        .findFirst()
        .map(twin -> new Incident(id, begin, begin, Optional.of(twin.id())));
  }
}
