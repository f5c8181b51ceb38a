package io.inferencerouter.core.internal.state;

/**
 * How many requests an endpoint has answered, and how long that takes in proportion to what was
 * predicted for the same requests: a count and a moving mean, in one word.
 *
 * <p>The count (32 bits) overflows into nothing: what counts is the difference between two
 * readings. The mean (a float) starts at 1, as predicted, and each answer moves it by a {@value
 * #SMOOTHING}th of the way; one answer counts for at most {@value #MAX_RATIO} times its prediction.
 * So it takes a row of slow answers to make an endpoint look slow. Here are the pure functions on
 * that word; it is kept in {@link OutstandingWork}.
 */
public final class AnswerTally {
  /** The most that one answer counts as. */
  static final float MAX_RATIO = 16;

  private static final float SMOOTHING = 32;

  /** Nothing answered, everything as predicted. */
  static final long START = word(1, 0);

  private AnswerTally() {}

  /** How many requests were answered, modulo 2^32. */
  public static int count(long word) {
    return (int) word;
  }

  /** How long requests take in proportion to their predictions, lately. */
  public static float pace(long word) {
    return Float.intBitsToFloat((int) (word >>> 32));
  }

  /** One more answer. */
  static long answered(long word) {
    return word(pace(word), count(word) + 1);
  }

  /** A request that took so many times as long as predicted. */
  static long paced(long word, float ratio) {
    float counted = Math.min(MAX_RATIO, Math.max(1 / MAX_RATIO, ratio)); // NaN stays NaN
    float pace = pace(word);
    return Float.isNaN(counted) ? word : word(pace + (counted - pace) / SMOOTHING, count(word));
  }

  /** The count alone; all else is forgotten. */
  static long forgotten(long word) {
    return word(1, count(word));
  }

  private static long word(float pace, int count) {
    return ((long) Float.floatToRawIntBits(pace) << 32) | (count & 0xffff_ffffL);
  }
}
