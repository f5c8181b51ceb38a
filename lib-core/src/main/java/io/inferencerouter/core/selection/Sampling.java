package io.inferencerouter.core.selection;

/**
 * When to look at all candidates, and when at a sample.
 *
 * <p>Looking at all finds the best one, and costs time in proportion to their number. A few
 * samples, distinct and in proportion to the weights, come close to it at a fixed price
 * (Mitzenmacher: The Power of Two Choices in Randomized Load Balancing, 2001); on mixed hardware
 * two are too few, since both may be slow. Close is not equal: the tail is longer. So in a large
 * set all are looked at as long as there is time for it, which for inference is nearly always, and
 * samples are for the rates at which there is not; see {@link
 * io.inferencerouter.Candidates#mayLookAtAll}.
 */
final class Sampling {
  /** Up to this many candidates are all looked at, at any rate. */
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
