package io.inferencerouter.core.selection;

/**
 * When to look at all candidates, and when at a sample.
 *
 * <p>Looking at all finds the best one, and costs time in proportion to their number; in large sets
 * it also makes many clients with the same view choose the same endpoint. A few samples, distinct
 * and in proportion to the weights, come close to the best at a fixed price (Mitzenmacher: The
 * Power of Two Choices in Randomized Load Balancing, 2001). On mixed hardware two are too few: both
 * may be slow.
 */
final class Sampling {
  /** Up to this many candidates are all looked at. */
  static final int SCAN_LIMIT = 8;

  /**
   * So many are looked at in larger sets. All are drawn before the first is looked at: the draws do
   * not depend on each other, so the processor fetches them together.
   */
  static final int SAMPLES = 4;

  private Sampling() {}

  static boolean isLarge(int candidates) {
    return candidates > SCAN_LIMIT;
  }
}
