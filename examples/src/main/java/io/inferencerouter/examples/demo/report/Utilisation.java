package io.inferencerouter.examples.demo.report;

import io.inferencerouter.examples.loopback.Served;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How busy each endpoint was: the share of its slots' time in which a slot was held.
 *
 * @param byEndpoint the share, 0 to 1, by name, in the order of the fleet
 */
public record Utilisation(Map<String, Double> byEndpoint) {
  /** Copies the map, keeping its order. */
  public Utilisation {
    byEndpoint = new LinkedHashMap<>(byEndpoint);
  }

  /** The largest share. */
  public double busiest() {
    return byEndpoint.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }

  /**
   * How unequal the shares are: their standard deviation divided by their mean (the coefficient of
   * variation); 0 when all are equal, or when nothing was served.
   */
  public double variation() {
    double mean = byEndpoint.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
    if (mean == 0) {
      return 0;
    }
    double variance =
        byEndpoint.values().stream()
            .mapToDouble(share -> (share - mean) * (share - mean))
            .average()
            .orElse(0);
    return Math.sqrt(variance) / mean;
  }

  /**
   * Collects the shares of a fleet over one stretch of time, on the clock of {@link
   * System#nanoTime()}.
   */
  public static final class Window {
    private final long fromNanos;
    private final long toNanos;
    private final Map<String, Double> shares = new LinkedHashMap<>();

    /** Starts with no endpoint. */
    public Window(long fromNanos, long toNanos) {
      this.fromNanos = fromNanos;
      this.toNanos = toNanos;
    }

    /** Adds an endpoint with so many slots, and all that it served. */
    public void add(String endpoint, int slots, List<Served> served) {
      long held = 0;
      for (Served one : served) {
        held += one.nanosWithin(fromNanos, toNanos);
      }
      double available = (double) (toNanos - fromNanos) * slots;
      shares.put(endpoint, held / available);
    }

    /** The shares of all endpoints added. */
    public Utilisation utilisation() {
      return new Utilisation(shares);
    }
  }
}
