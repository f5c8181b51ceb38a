package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Arrays;

/** One of so many, of which the k-th is drawn in proportion to 1 / k^exponent. Immutable. */
final class Zipf {
  /** As many as there may be. */
  static final int MOST = 1_000_000;

  private final double[] cumulative;

  Zipf(String name, int count, double exponent) {
    Expect.within(name, count, 1, MOST);
    Expect.within(name + " exponent", exponent, 0, 10);
    cumulative = new double[count];
    double sum = 0;
    for (int k = 0; k < count; k++) {
      sum += StrictMath.pow(k + 1, -exponent);
      cumulative[k] = sum;
    }
  }

  int count() {
    return cumulative.length;
  }

  /** From 0; the first is the most frequent. */
  int draw(Draws draws) {
    double point = draws.uniform() * cumulative[cumulative.length - 1];
    int found = Arrays.binarySearch(cumulative, point);
    return Math.min(found >= 0 ? found + 1 : -found - 1, cumulative.length - 1);
  }
}
