package io.inferencerouter.core.internal.state;

/**
 * Draws candidates in proportion to their weights, in constant time, with a single access to memory
 * and no branch, since a processor cannot predict what is drawn.
 *
 * <p>The weights are poured into columns of equal height, of which each holds parts of two
 * candidates at most (the alias method of Walker, 1977). A point from 0 to {@link #LENGTH} selects
 * a column, and a height in it.
 *
 * <p>Walker leaves open which parts meet. Here the candidates that need more than a column are
 * poured in one after the other, each filling up the next candidates that need less. So what
 * belongs to one candidate lies side by side, and points that are far from each other belong to
 * different candidates, unless one has that large a share.
 */
final class WeightedSampling {
  private static final int LENGTH_BITS = 30;

  /** The length of the line. */
  static final int LENGTH = 1 << LENGTH_BITS;

  /** How many candidates there can be. */
  static final int MAX_SIZE = 1 << 20;

  /** In how many steps a height is measured, of however much length a column is. */
  private static final int STEPS_BITS = 24;

  private static final int STEPS = 1 << STEPS_BITS;

  /** So that no step is shorter than a point. */
  private static final int MIN_COLUMNS = LENGTH / STEPS;

  private static final int INDEX_BITS = 20;
  private static final int UPPER_SHIFT = INDEX_BITS;
  private static final int STEPS_SHIFT = 2 * INDEX_BITS;
  private static final int INDEX = MAX_SIZE - 1;

  /** steps of the lower part (24 bits) | index of the upper (20 bits) | of the lower (20 bits). */
  private final long[] columns;

  private final int columnBits;

  /**
   * Pours the weights.
   *
   * @param weights above 0, at most {@link #MAX_SIZE} of them
   */
  WeightedSampling(double[] weights) {
    if (weights.length > MAX_SIZE) {
      throw new IllegalArgumentException(
          "candidates: " + weights.length + " (expected: at most " + MAX_SIZE + ")");
    }
    int needed = Math.max(MIN_COLUMNS, weights.length);
    columnBits = Integer.SIZE - Integer.numberOfLeadingZeros(needed - 1);
    columns = weights.length == 0 ? new long[0] : poured(lengths(weights), 1 << columnBits);
  }

  /** The candidates' shares of the line: whole numbers from 1 that add up to its length. */
  private static int[] lengths(double[] weights) {
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    int[] lengths = new int[weights.length];
    double sum = 0;
    int begin = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      int after = weights.length - 1 - i;
      int end = after == 0 ? LENGTH : (int) (sum / total * LENGTH);
      end = Math.min(LENGTH - after, Math.max(end, begin + 1));
      lengths[i] = end - begin;
      begin = end;
    }
    return lengths;
  }

  /**
   * Fills the columns. There are as many of them as candidates, the missing ones counted as
   * candidates of no length: so whenever one needs less than a column, another needs more.
   */
  private static long[] poured(int[] lengths, int count) {
    int height = LENGTH / count;
    int steps = STEPS / height;
    long[] columns = new long[count];
    int small = nextSmall(lengths, 0, height);
    int large = nextLarge(lengths, 0, height);
    int left = lengths[large];
    for (int column = 0; column < count; column++) {
      if (left < height) {
        int before = large;
        large = nextLarge(lengths, large + 1, height);
        columns[column] = column(left * steps, before, large);
        left = lengths[large] - (height - left);
      } else if (small < lengths.length) {
        columns[column] = column(lengths[small] * steps, small, large);
        left -= height - lengths[small];
        small = nextSmall(lengths, small + 1, height);
      } else {
        columns[column] = column(0, large, large);
        left -= height;
      }
    }
    return columns;
  }

  private static int nextSmall(int[] lengths, int from, int height) {
    int at = from;
    while (at < lengths.length && lengths[at] >= height) {
      at++;
    }
    return at;
  }

  private static int nextLarge(int[] lengths, int from, int height) {
    int at = from;
    while (lengths[at] < height) {
      at++;
    }
    return at;
  }

  private static long column(int steps, int lower, int upper) {
    return (long) steps << STEPS_SHIFT | (long) upper << UPPER_SHIFT | lower;
  }

  /** The candidate that a point from 0 (inclusive) to {@link #LENGTH} (exclusive) belongs to. */
  int at(int point) {
    long place = (long) point << columnBits;
    long column = columns[(int) (place >>> LENGTH_BITS)];
    int steps = (int) (place >>> (LENGTH_BITS - STEPS_BITS)) & (STEPS - 1);
    int isLower = (steps - (int) (column >>> STEPS_SHIFT)) >> 31;
    int lower = (int) column & INDEX;
    int upper = (int) (column >>> UPPER_SHIFT) & INDEX;
    return upper ^ ((upper ^ lower) & isLower);
  }
}
