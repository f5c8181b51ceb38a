package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.fleet.FleetChange;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import java.util.List;
import java.util.function.Function;

/**
 * What goes wrong in any fleet.
 *
 * @param name for tables
 */
public record FaultSource(String name, Function<FleetSpec, List<FleetChange>> changes) {}
