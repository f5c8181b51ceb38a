package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.workload.Workload;

/** Measures what a fleet can do at most. */
@FunctionalInterface
public interface Saturation {
  /** The throughput of a fleet that never runs out of requests, without cache hits. */
  double requestsPerSecond(Workload workload, FleetSpec fleet);
}
