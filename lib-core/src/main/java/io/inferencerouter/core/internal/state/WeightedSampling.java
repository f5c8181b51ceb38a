package io.inferencerouter.core.internal.state;

import java.util.List;

/**
 * Draws candidates in proportion to their weights, in constant expected time and without
 * allocating.
 *
 * <p>The weights are laid end to end on the line from 0 to 1. A point on that line belongs to one
 * candidate, and a guide table with {@value #GUIDES} entries per candidate tells where to start
 * looking for it (the indexed search of Chen and Asau, 1974): hardly more than one step is
 * expected, whatever the weights are.
 */
final class WeightedSampling {
  private static final int GUIDES = 4;

  private final double[] ends;
  private final int[] guide;

  WeightedSampling(List<Candidate> candidates) {
    int size = candidates.size();
    ends = new double[size];
    double total = 0;
    for (Candidate candidate : candidates) {
      total += candidate.weight;
    }
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += candidates.get(i).weight;
      ends[i] = sum / total;
    }
    if (size > 0) {
      ends[size - 1] = 1;
    }
    guide = new int[GUIDES * size];
    int at = 0;
    for (int g = 0; g < guide.length; g++) {
      while (ends[at] <= (double) g / guide.length) {
        at++;
      }
      guide[g] = at;
    }
  }

  /** The candidate that a point from 0 (inclusive) to 1 (exclusive) belongs to. */
  int at(double point) {
    int index = guide[(int) (point * guide.length)];
    while (ends[index] <= point) {
      index++;
    }
    return index;
  }
}
