package io.inferencerouter.benchmarks.simulation.experiment;

import java.util.List;
import java.util.Locale;

/**
 * How a policy compares with another, paired by seed.
 *
 * @param against the other
 * @param median over seeds; below 1 it is better than the other
 * @param noise half the distance between the largest and the smallest over seeds; 0 with one seed
 * @param seeds how many
 */
public record Ratio(String against, double median, double noise, int seeds) {
  static Ratio of(String against, List<Double> ratios) {
    double least = ratios.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    double most = ratios.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    return new Ratio(against, Medians.of(ratios), (most - least) / 2, ratios.size());
  }

  /** The ratio, and with several seeds the noise. */
  @Override
  public String toString() {
    return seeds > 1
        ? String.format(Locale.ROOT, "%.2f ±%.2f", median, noise)
        : String.format(Locale.ROOT, "%.2f", median);
  }
}
