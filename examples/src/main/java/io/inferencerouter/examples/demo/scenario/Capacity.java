package io.inferencerouter.examples.demo.scenario;

import java.util.List;

/**
 * How much each endpoint of a fleet gets done when it is busy all the time.
 *
 * @param byEndpoint in any unit of work per time, the same for all; each above zero
 */
public record Capacity(List<Double> byEndpoint) {
  /** Copies the list. */
  public Capacity {
    byEndpoint = List.copyOf(byEndpoint);
  }

  /** What all of them get done together. */
  public double total() {
    return byEndpoint.stream().mapToDouble(Double::doubleValue).sum();
  }

  /**
   * How busy the slowest endpoint is, on average, when each gets an equal share of the requests.
   *
   * @param load the share of the total that is asked for
   */
  public double slowestBusyWithEqualShares(double load) {
    double slowest = byEndpoint.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    return load * total() / (byEndpoint.size() * slowest);
  }
}
