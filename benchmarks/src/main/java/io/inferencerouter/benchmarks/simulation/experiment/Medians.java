package io.inferencerouter.benchmarks.simulation.experiment;

import java.util.Collection;

/** The middle of some numbers. */
public final class Medians {
  private Medians() {}

  /** The middle one, or half-way between the middle two; not a number if there are none. */
  public static double of(Collection<Double> numbers) {
    double[] sorted = numbers.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
