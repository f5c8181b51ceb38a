package io.inferencerouter.benchmarks.simulation.experiment;

import java.util.List;
import java.util.Locale;

/**
 * How a policy compares with another, paired by seed.
 *
 * @param against the other
 * @param median over seeds; below 1 it is better than the other, and infinite if too many requests
 *     came to nothing that did not with the other
 * @param noise half the distance between the largest and the smallest over seeds; 0 with one seed
 * @param seeds how many
 */
public record Ratio(String against, double median, double noise, int seeds) {
  static Ratio of(String against, List<Double> ratios) {
    double least = ratios.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    double most = ratios.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    double noise = least == most ? 0 : (most - least) / 2;
    return new Ratio(against, Medians.of(ratios), noise, ratios.size());
  }

  /** Whether it is above a limit by more than the noise; what is infinite always is. */
  public boolean isBeyondNoise(double limit) {
    return Double.isInfinite(median) || median - noise > limit;
  }

  /** The ratio, and with several seeds the noise. */
  @Override
  public String toString() {
    return seeds > 1 ? text(median) + " ±" + text(noise) : text(median);
  }

  private static String text(double number) {
    return Double.isInfinite(number) ? "∞" : String.format(Locale.ROOT, "%.2f", number);
  }
}
