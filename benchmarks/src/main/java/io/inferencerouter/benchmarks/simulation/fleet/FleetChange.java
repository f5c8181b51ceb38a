package io.inferencerouter.benchmarks.simulation.fleet;

/**
 * Something that happens to the fleet: planned, such as growth, or a fault. The time counts from
 * the first arrival, as a share of the run's planned length, so that the same list fits every
 * workload and rate.
 */
public sealed interface FleetChange {
  /** When, 0 to 1. */
  double at();

  /** An endpoint joins, with cold caches. */
  record Join(double at, EndpointSpec endpoint) implements FleetChange {}

  /** Clients are told that it leaves; it finishes what it has. */
  record Drain(double at, String endpoint) implements FleetChange {}

  /** A new process: what it was doing is lost, and its caches are cold; back after a time. */
  record Restart(double at, String endpoint, double downSeconds) implements FleetChange {}

  /** All its work is lost, and connections are refused until it restarts, if ever. */
  record Crash(double at, String endpoint) implements FleetChange {}

  /** Everything takes so many times longer for a time; 10 is a gray failure, 1.25 throttling. */
  record Slow(double at, String endpoint, double factor, double seconds) implements FleetChange {}

  /** Each request fails so, soon, with that probability, for a time. */
  record FastFailure(double at, String endpoint, double probability, double seconds)
      implements FleetChange {}

  /** It stands still, with connections open, for a time. */
  record Stall(double at, String endpoint, double seconds) implements FleetChange {}

  /** Each step takes a random time around its own, with that coefficient of variation. */
  record Noise(double at, String endpoint, double variation) implements FleetChange {}

  /** All clients start again at once, and know nothing. */
  record ClientsRestart(double at) implements FleetChange {}
}
