package io.inferencerouter.benchmarks.simulation;

import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.workload.Workload;

/**
 * Everything about a run but the policy. Immutable.
 *
 * @param routers how many independent clients share the fleet
 * @param load for the record: as a share of saturation; 0 if a rate was given
 * @param rate requests per second; the workload's times are stretched to it. A value of 0 leaves
 *     them as they are
 * @param maxRequests how many requests of the workload to use at most
 * @param warmUpShare share of the requests, from the first on, that are not measured; 0 to 0.9
 * @param maxAttempts how often a request is sent at most, to another endpoint where there is one
 * @param ttftObjectiveMillis what counts as good
 * @param itlObjectiveMillis what counts as good
 */
public record Scenario(
    Workload workload,
    FleetSpec fleet,
    int routers,
    double load,
    double rate,
    long maxRequests,
    long seed,
    double warmUpShare,
    int maxAttempts,
    double ttftObjectiveMillis,
    double itlObjectiveMillis) {
  /** The default share that is not measured. */
  public static final double DEFAULT_WARM_UP_SHARE = 0.1;

  /** The default number of attempts. */
  public static final int DEFAULT_MAX_ATTEMPTS = 2;

  /** The default objective of the time to the first output. */
  public static final double DEFAULT_TTFT_OBJECTIVE_MILLIS = 2_000;

  /** The default objective of the time between outputs. */
  public static final double DEFAULT_ITL_OBJECTIVE_MILLIS = 100;

  /** A scenario with the defaults, at a share of a measured saturation. */
  public static Scenario atLoad(
      Workload workload, FleetSpec fleet, int routers, double load, double saturation, long seed) {
    return new Scenario(
        workload,
        fleet,
        routers,
        load,
        load * saturation,
        Long.MAX_VALUE,
        seed,
        DEFAULT_WARM_UP_SHARE,
        DEFAULT_MAX_ATTEMPTS,
        DEFAULT_TTFT_OBJECTIVE_MILLIS,
        DEFAULT_ITL_OBJECTIVE_MILLIS);
  }

  /** The same on another fleet, at the same rate. */
  public Scenario withFleet(FleetSpec other) {
    return new Scenario(
        workload,
        other,
        routers,
        load,
        rate,
        maxRequests,
        seed,
        warmUpShare,
        maxAttempts,
        ttftObjectiveMillis,
        itlObjectiveMillis);
  }
}
