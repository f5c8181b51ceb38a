package io.inferencerouter.benchmarks.simulation.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The endpoints at the beginning, and what happens to them later. Immutable.
 *
 * @param changes sorted by time
 */
public record FleetSpec(String name, List<EndpointSpec> endpoints, List<FleetChange> changes) {
  public FleetSpec {
    endpoints = List.copyOf(endpoints);
    changes = List.copyOf(changes);
  }

  /** The same fleet, to which more happens. */
  public FleetSpec withChanges(List<FleetChange> more) {
    List<FleetChange> all = new ArrayList<>(changes);
    all.addAll(more);
    all.sort(Comparator.comparingDouble(FleetChange::at));
    return new FleetSpec(name, endpoints, all);
  }

  /** The same endpoints, to which nothing happens. */
  public FleetSpec withoutChanges() {
    return new FleetSpec(name, endpoints, List.of());
  }
}
