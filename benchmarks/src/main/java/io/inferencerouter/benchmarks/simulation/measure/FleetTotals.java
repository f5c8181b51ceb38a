package io.inferencerouter.benchmarks.simulation.measure;

import io.inferencerouter.benchmarks.simulation.server.ServerTotals;
import java.util.List;

/**
 * What all endpoints did together.
 *
 * @param workCv coefficient of variation of the work that each accepted, in its own price
 */
public record FleetTotals(
    int endpoints, double workCv, double prefixHitRate, long modelLoads, double wastedShare) {
  /**
   * Sums up.
   *
   * @param each the totals of all endpoints
   * @param compared those of the endpoints that were there all the time, since the end of the
   *     warm-up
   */
  public static FleetTotals of(List<ServerTotals> each, List<Double> compared) {
    long input = 0;
    long cached = 0;
    long loads = 0;
    double priced = 0;
    double wasted = 0;
    for (ServerTotals totals : each) {
      input += totals.inputTokens();
      cached += totals.cachedTokens();
      loads += totals.modelLoads();
      priced += totals.pricedNanos();
      wasted += totals.wastedNanos();
    }
    return new FleetTotals(
        each.size(),
        variation(compared),
        input == 0 ? 0 : cached / (double) input,
        loads,
        priced == 0 ? 0 : wasted / priced);
  }

  private static double variation(List<Double> values) {
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      sum += value;
      squares += value * value;
    }
    double mean = sum / Math.max(1, values.size());
    double variance = squares / Math.max(1, values.size()) - mean * mean;
    return mean == 0 ? 0 : Math.sqrt(Math.max(0, variance)) / mean;
  }
}
