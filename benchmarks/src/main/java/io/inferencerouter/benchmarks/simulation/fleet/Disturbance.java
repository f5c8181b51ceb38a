package io.inferencerouter.benchmarks.simulation.fleet;

import java.util.List;
import java.util.Optional;

/**
 * A time in which one endpoint does less than it can.
 *
 * @param endpoint which one
 * @param beginNanos since the first arrival
 * @param endNanos likewise; {@link #NEVER} if it does not recover
 */
public record Disturbance(String endpoint, long beginNanos, long endNanos) {
  /** A time that does not come. */
  public static final long NEVER = Long.MAX_VALUE;

  /**
   * The first of the changes that is one; empty if none is.
   *
   * @param lengthNanos from the first arrival to the last
   */
  public static Optional<Disturbance> first(List<FleetChange> changes, long lengthNanos) {
    return changes.stream().flatMap(change -> of(change, lengthNanos).stream()).findFirst();
  }

  private static Optional<Disturbance> of(FleetChange change, long lengthNanos) {
    if (change instanceof FleetChange.Slow slow) {
      return lasting(slow.endpoint(), slow.at() * lengthNanos, slow.seconds());
    }
    if (change instanceof FleetChange.FastFailure failure) {
      return lasting(failure.endpoint(), failure.at() * lengthNanos, failure.seconds());
    }
    if (change instanceof FleetChange.Stall stall) {
      return lasting(stall.endpoint(), stall.at() * lengthNanos, stall.seconds());
    }
    if (change instanceof FleetChange.Restart restart) {
      return lasting(restart.endpoint(), restart.at() * lengthNanos, restart.downSeconds());
    }
    if (change instanceof FleetChange.Crash crash) {
      return Optional.of(
          new Disturbance(crash.endpoint(), Math.round(crash.at() * lengthNanos), NEVER));
    }
    return Optional.empty();
  }

  private static Optional<Disturbance> lasting(String endpoint, double beginNanos, double seconds) {
    long begin = Math.round(beginNanos);
    return Optional.of(new Disturbance(endpoint, begin, begin + Math.round(seconds * 1e9)));
  }
}
