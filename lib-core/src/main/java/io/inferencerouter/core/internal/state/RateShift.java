package io.inferencerouter.core.internal.state;

import io.inferencerouter.core.internal.learning.Evidence;

/**
 * Notices that an endpoint has become another one: slower, since it throttles or shares its host
 * from now on, or faster, since that is over. Evidence that fades with time follows such a change
 * slowly, above all where it is good news, as hardly anything goes to an endpoint that is slow.
 *
 * <p>The newest observations, {@value #WINDOW} at least, are a window. Its rate is compared with
 * that of all evidence before it, and the ratio with that of the other endpoints: when load rises,
 * all of them slow down, and that is no news about one. A window that differs by more than {@value
 * #DIFFERENCE} times may be chance; when the next one differs in the same direction, what is older
 * than these two counts for little from then on.
 *
 * <p>Of what varies little by nature, {@value #FEW} observations are a window where they differ by
 * more than {@value #STRIKING} times. Of an endpoint that has become as slow as that, each of many
 * routers sees only a few requests before it sends no more, too few to be noticed among all that it
 * knows, and enough to spoil that for minutes.
 *
 * <p>For one thread at a time, which is the one that recalibrates.
 */
final class RateShift {
  static final float WINDOW = 16;
  private static final double DIFFERENCE = 1.4;
  static final float FEW = 4;
  private static final double STRIKING = 4;
  private static final int IN_A_ROW = 2;

  /** What an endpoint has become. */
  enum Direction {
    NONE,
    FASTER,
    SLOWER
  }

  /** The part that is left of evidence from before the change. */
  private static final float KEPT = 0.02f;

  private final float fewest;
  private float secondsBefore;
  private float unitsBefore;
  private float observationsBefore;

  /** When the first of windows that differ in one direction began. */
  private float secondsThen;

  private float unitsThen;
  private float observationsThen;
  private int inARow;

  /**
   * A watch on one rate.
   *
   * @param fewest so many observations are a window where they differ by a lot: {@link #FEW}, or
   *     {@link #WINDOW} where as many may by chance
   */
  RateShift(float fewest) {
    this.fewest = fewest;
  }

  /** Evidence has faded. */
  void fade(float kept) {
    secondsBefore *= kept;
    unitsBefore *= kept;
    observationsBefore *= kept;
    secondsThen *= kept;
    unitsThen *= kept;
    observationsThen *= kept;
  }

  /** What was learned before says nothing of changes any more. */
  void beginAnew(long evidence, float observations) {
    secondsBefore = Evidence.first(evidence);
    unitsBefore = Evidence.second(evidence);
    observationsBefore = observations;
    inARow = 0;
  }

  /**
   * The rate of the window so far, relative to the rate before it; 0 as long as there is not enough
   * of both.
   */
  double ratio(long evidence, float observations) {
    float seconds = Evidence.first(evidence) - secondsBefore;
    float units = Evidence.second(evidence) - unitsBefore;
    boolean isEnough =
        observations - observationsBefore >= fewest
            && observationsBefore >= WINDOW
            && seconds > 0
            && units > 0
            && unitsBefore > 0;
    return isEnough ? (double) seconds / units / ((double) secondsBefore / unitsBefore) : 0;
  }

  /**
   * Ends the window, if it is full, or differs so much that it is enough.
   *
   * @param ratio as {@link #ratio}, relative to that of the other endpoints; 0 if not known
   * @return whether the endpoint has changed: this window is one too many that differs
   */
  boolean isShifted(double ratio, long evidence, float observations) {
    boolean isFull = observations - observationsBefore >= WINDOW;
    double difference = isFull ? DIFFERENCE : STRIKING;
    int direction = ratio > difference ? 1 : ratio > 0 && ratio < 1 / difference ? -1 : 0;
    if (!isFull && direction == 0) {
      return false;
    }
    if (direction == 0 || Integer.signum(inARow) != direction) {
      inARow = 0;
      secondsThen = secondsBefore;
      unitsThen = unitsBefore;
      observationsThen = observationsBefore;
    }
    inARow += direction;
    secondsBefore = Evidence.first(evidence);
    unitsBefore = Evidence.second(evidence);
    observationsBefore = observations;
    if (Math.abs(inARow) < IN_A_ROW) {
      return false;
    }
    inARow = 0;
    return true;
  }

  /** The evidence without most of what is older than the change. */
  long forgotten(long evidence) {
    float lost = 1 - KEPT;
    secondsBefore -= lost * secondsThen;
    unitsBefore -= lost * unitsThen;
    return Evidence.of(
        Math.max(0, Evidence.first(evidence) - lost * secondsThen),
        Math.max(0, Evidence.second(evidence) - lost * unitsThen));
  }

  /** How many observations are left after {@link #forgotten}. */
  float observationsLeft(float observations) {
    float left = Math.max(0, observations - (1 - KEPT) * observationsThen);
    observationsBefore = left;
    return left;
  }
}
