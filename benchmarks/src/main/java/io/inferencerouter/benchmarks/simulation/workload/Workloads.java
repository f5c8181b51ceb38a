package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Map;
import java.util.Objects;

/** Workloads by name, and workloads made of others. */
public final class Workloads {
  private Workloads() {}

  /** The names {@link #byName} knows, each with a sentence that describes it, in a fixed order. */
  public static Map<String, String> names() {
    return Catalogue.descriptions();
  }

  /**
   * A generated workload of the catalogue, at about ten requests a second.
   *
   * @param requests how many; 1 or more
   * @throws IllegalArgumentException when there is none of that name
   */
  public static Workload byName(String name, long seed, long requests) {
    return Catalogue.byName(name, seed, requests);
  }

  /**
   * The mean rate of a workload in requests per second, from the first arrival to the last; reads
   * it once.
   *
   * @throws WorkloadException when all requests arrive at once, so that there is no rate
   */
  public static double rate(Workload workload) {
    Pace pace = Pace.of(workload);
    pace.requireTime(workload.name());
    return pace.perSecond();
  }

  /**
   * The same requests at another mean rate: all times since the first are stretched alike, so that
   * the shape remains. The first arrives at 0. Times to think stay as they are, because people
   * think as long as they do. Reads the workload once to measure its own rate; take {@link
   * #limited} first, if at all, so that the rate is that of the part that is used. A single request
   * is left as it is.
   *
   * @param requestsPerSecond above 0
   * @throws WorkloadException when all requests arrive at once
   */
  public static Workload atRate(Workload workload, double requestsPerSecond) {
    Expect.positive("requestsPerSecond", requestsPerSecond);
    Pace pace = Pace.of(workload);
    if (pace.requests() < 2) {
      return workload;
    }
    pace.requireTime(workload.name());
    return new Stretched(workload, pace.perSecond() / requestsPerSecond);
  }

  /**
   * The same requests with all times since the first multiplied: 2 halves the rate.
   *
   * @param factor above 0
   */
  public static Workload stretched(Workload workload, double factor) {
    return new Stretched(workload, Expect.positive("factor", factor));
  }

  /**
   * The first requests of a workload.
   *
   * @param maxRequests 1 or more
   */
  public static Workload limited(Workload workload, long maxRequests) {
    Expect.within("maxRequests", maxRequests, 1, Long.MAX_VALUE);
    return maxRequests == Long.MAX_VALUE
        ? Objects.requireNonNull(workload, "workload")
        : new Limited(workload, maxRequests);
  }
}
