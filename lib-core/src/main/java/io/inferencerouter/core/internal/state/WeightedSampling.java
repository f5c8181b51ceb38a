package io.inferencerouter.core.internal.state;

/**
 * Draws candidates in proportion to their weights, in constant expected time and without
 * allocating.
 *
 * <p>The weights are laid end to end on a line from 0 to {@link #LENGTH}. A point on that line
 * belongs to one candidate, and a guide table with {@value #GUIDES} entries per candidate tells
 * where to start looking for it (the indexed search of Chen and Asau, 1974): hardly more than one
 * step is expected, whatever the weights are. The first step is taken without a branch, since a
 * processor that draws at random cannot predict it.
 */
final class WeightedSampling {
  private static final int LENGTH_BITS = 30;

  /** The length of the line. */
  static final int LENGTH = 1 << LENGTH_BITS;

  private static final int GUIDES = 4;

  private final int[] ends;
  private final int[] guide;

  WeightedSampling(double[] weights) {
    int size = weights.length;
    ends = new int[size];
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += weights[i];
      int end = (int) (sum / total * LENGTH);
      ends[i] = Math.min(LENGTH - (size - 1 - i), Math.max(end, i == 0 ? 1 : ends[i - 1] + 1));
    }
    if (size > 0) {
      ends[size - 1] = LENGTH;
    }
    guide = new int[GUIDES * size];
    int at = 0;
    for (int g = 0; g < guide.length; g++) {
      int point = (int) ((long) g * LENGTH / guide.length);
      while (ends[at] <= point) {
        at++;
      }
      guide[g] = at;
    }
  }

  /** The candidate that a point from 0 (inclusive) to {@link #LENGTH} (exclusive) belongs to. */
  int at(int point) {
    int index = guide[(int) (((long) point * guide.length) >>> LENGTH_BITS)];
    index += (ends[index] - 1 - point) >>> 31;
    while (ends[index] <= point) {
      index++;
    }
    return index;
  }
}
