package io.inferencerouter.core.internal.learning;

/**
 * Two running sums in one word, so that a plain 64-bit write changes both at once.
 *
 * <p>Rates are ratios of sums (seconds to units, real to estimated size): a ratio of sums weighs
 * each observation by its size, which a mean of ratios does not. Both sums are floats. That is
 * enough, since evidence is forgotten long before a sum is so large that an observation would be
 * lost in its rounding.
 *
 * <p>Words of evidence are written without a compare-and-set. When two threads add at the same
 * moment, one addition is lost; a lost observation is one sample fewer, and no reason to make
 * requests wait for each other.
 */
public final class Evidence {
  /** No evidence. */
  public static final long NONE = 0;

  private Evidence() {}

  /** The word of two sums. */
  public static long of(float first, float second) {
    return ((long) Float.floatToRawIntBits(first) << 32)
        | (Float.floatToRawIntBits(second) & 0xffff_ffffL);
  }

  /** The first sum. */
  public static float first(long word) {
    return Float.intBitsToFloat((int) (word >>> 32));
  }

  /** The second sum. */
  public static float second(long word) {
    return Float.intBitsToFloat((int) word);
  }

  /** The word with more evidence. */
  public static long plus(long word, float first, float second) {
    return of(first(word) + first, second(word) + second);
  }

  /** The word with a part of its evidence forgotten. */
  public static long times(long word, float kept) {
    return of(first(word) * kept, second(word) * kept);
  }
}
