package io.inferencerouter.benchmarks.simulation.fleet;

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
}
