package io.inferencerouter.core.internal.state;

import java.util.List;

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
  /** The length of the line. */
  static final long LENGTH = 1L << 62;

  private static final int GUIDES = 4;

  private final long[] ends;
  private final int[] guide;

  WeightedSampling(List<Candidate> candidates) {
    int size = candidates.size();
    ends = new long[size];
    double total = 0;
    for (Candidate candidate : candidates) {
      total += candidate.weight;
    }
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += candidates.get(i).weight;
      ends[i] = (long) (Math.min(1, sum / total) * LENGTH);
    }
    if (size > 0) {
      ends[size - 1] = LENGTH;
    }
    guide = new int[GUIDES * size];
    int at = 0;
    for (int g = 0; g < guide.length; g++) {
      long point = (long) ((double) g / guide.length * LENGTH);
      while (ends[at] <= point) {
        at++;
      }
      guide[g] = at;
    }
  }

  /** The candidate that a point from 0 (inclusive) to {@link #LENGTH} (exclusive) belongs to. */
  int at(long point) {
    int index = guide[(int) Math.multiplyHigh(point << 1, (long) guide.length << 1)];
    index += (int) ((ends[index] - 1 - point) >>> 63);
    while (ends[index] <= point) {
      index++;
    }
    return index;
  }
}
