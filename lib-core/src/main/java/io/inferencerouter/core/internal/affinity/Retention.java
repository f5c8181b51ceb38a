package io.inferencerouter.core.internal.affinity;

/**
 * How long an endpoint keeps what it has read, as learned from what it reports of its cache.
 *
 * <h2>Why</h2>
 *
 * <p>Nobody states how much of an endpoint's memory its running requests leave to the cache, nor
 * what other clients put into it. But engines evict what was used longest ago, so whether something
 * is still there is a matter of its age, counted in blocks that have followed: what is young is
 * there almost certainly, what is old almost certainly not. One share of hits for both would have
 * requests wait for an endpoint that has forgotten them, and leave one that has not.
 *
 * <h2>The curve</h2>
 *
 * <pre>
 *   kept(age) = 1 ÷ (1 + (age ÷ retention)⁴)
 * </pre>
 *
 * <p>This is a logistic function of the logarithm of the age, with a half at the retention: nearly
 * all is kept up to half of it, nearly nothing from twice of it on.
 *
 * <h2>Learning</h2>
 *
 * <p>By default everything is kept. The first report that little was found sets the retention to
 * the age of what was missed. From then on each report moves it in proportion to the difference
 * between what was found and what was expected, which is the gradient of logistic regression: so in
 * the long run as much is found as is expected. What was to be expected moves nothing. The steps
 * become smaller with the number of reports, but not smaller than {@value #MIN_STEP}, for the load
 * and so the room for the cache changes.
 *
 * <p>Ages count the blocks that this router has put there. Those of others make them shorter, and
 * are learned with them.
 *
 * <p>A retention is a word: the inverse of the retention as a float, zero as long as everything is
 * kept, and the number of reports.
 */
final class Retention {
  /** Everything is kept. */
  static final long UNLIMITED = 0;

  private static final double MIN_STEP = 0.1;

  /** As many reports make the steps half as large. */
  private static final double FIRST_REPORTS = 2;

  private static final int MAX_REPORTS = 1 << 10;

  private Retention() {}

  /** The probability that what so many blocks have followed is still there. */
  static double kept(long retention, long age) {
    double relative = perBlock(retention) * (double) age;
    double squared = relative * relative;
    return 1 / (1 + squared * squared);
  }

  /**
   * What a report teaches.
   *
   * @param age how many blocks had followed what was looked for
   * @param found which share of it was still there, 0 to 1
   */
  static long learned(long retention, long age, double found) {
    float perBlock = perBlock(retention);
    int reports = (int) retention;
    if (perBlock == 0) {
      return found < 0.5 ? word(1f / Math.max(1, age), 1) : UNLIMITED;
    }
    double step = Math.max(MIN_STEP, FIRST_REPORTS / (FIRST_REPORTS + reports));
    double change = 1 - step * (found - kept(retention, age));
    return word((float) Math.min(1, perBlock * change), Math.min(MAX_REPORTS, reports + 1));
  }

  static long word(float perBlock, int reports) {
    return (long) Float.floatToRawIntBits(perBlock) << Integer.SIZE | reports;
  }

  static float perBlock(long retention) {
    return Float.intBitsToFloat((int) (retention >>> Integer.SIZE));
  }
}
