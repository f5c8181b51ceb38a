package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.fleet.FleetChange;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.measure.RunTimeline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Whether clients run all to one endpoint when the list of endpoints changes, or when they all
 * start anew. Medians over runs; of several such changes, the one after which they run together
 * most.
 *
 * @param before the busiest endpoint's share of the last {@value #REQUESTS} requests per endpoint
 *     before
 * @param after the same of the first ones after
 */
public record Herd(double before, double after) {
  /** Requests for each endpoint among which the busiest is looked for. */
  public static final int REQUESTS = 10;

  /**
   * What runs do at such changes; empty if there is none.
   *
   * @param lengthNanos from the first arrival to the last
   */
  public static Optional<Herd> of(List<RunTimeline> runs, FleetSpec fleet, long lengthNanos) {
    int window = REQUESTS * fleet.endpoints().size();
    return fleet.changes().stream()
        .filter(Herd::concernsAllClients)
        .map(change -> around(runs, Math.round(change.at() * lengthNanos), window))
        .max(Comparator.comparingDouble(Herd::growth));
  }

  private static boolean concernsAllClients(FleetChange change) {
    return change instanceof FleetChange.ClientsRestart
        || change instanceof FleetChange.Join
        || change instanceof FleetChange.Drain;
  }

  private static Herd around(List<RunTimeline> runs, long nanos, int window) {
    List<Double> before = new ArrayList<>();
    List<Double> after = new ArrayList<>();
    for (RunTimeline run : runs) {
      int first = run.requestAt(nanos);
      before.add(run.largestShare(first - window, first));
      after.add(run.largestShare(first, first + window));
    }
    return new Herd(Medians.of(before), Medians.of(after));
  }

  /** By what the busiest endpoint's share is multiplied. */
  public double growth() {
    return after / before;
  }
}
