package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Arrays;

/** Numbers that were seen, all of them. For one thread. */
final class Sample {
  private double[] values = new double[1024];
  private int size;

  void add(double value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  int size() {
    return size;
  }

  double get(int index) {
    return values[index];
  }

  double sum() {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += values[i];
    }
    return sum;
  }

  double mean() {
    return size == 0 ? 0 : sum() / size;
  }

  double deviation() {
    double mean = mean();
    double squares = 0;
    for (int i = 0; i < size; i++) {
      squares += (values[i] - mean) * (values[i] - mean);
    }
    return size == 0 ? 0 : StrictMath.sqrt(squares / size);
  }

  double variation() {
    double mean = mean();
    return mean == 0 ? 0 : deviation() / mean;
  }

  /** Pearson's; 0 when either does not vary. */
  double correlation(Sample other) {
    double scale = deviation() * other.deviation();
    double mean = mean();
    double otherMean = other.mean();
    double products = 0;
    for (int i = 0; i < size; i++) {
      products += (values[i] - mean) * (other.values[i] - otherMean);
    }
    return scale == 0 ? 0 : products / size / scale;
  }

  /** What share of the sum the largest have, of which there are that share, and at least one. */
  double topShare(double share) {
    double sum = sum();
    double[] sorted = sorted();
    double top = 0;
    int count = (int) Math.max(1, Math.rint(size * share));
    for (int i = Math.max(0, size - count); i < size; i++) {
      top += sorted[i];
    }
    return sum == 0 ? 0 : top / sum;
  }

  Distribution distribution() {
    if (size == 0) {
      return new Distribution(0, 0, 0, 0, 0, 0);
    }
    double[] sorted = sorted();
    return new Distribution(
        mean(),
        rank(sorted, 0.50),
        rank(sorted, 0.95),
        rank(sorted, 0.99),
        sorted[size - 1],
        variation());
  }

  private double[] sorted() {
    double[] sorted = Arrays.copyOf(values, size);
    Arrays.sort(sorted);
    return sorted;
  }

  private static double rank(double[] sorted, double share) {
    return sorted[(int) Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }
}
