package io.inferencerouter.core.internal.state;

import io.inferencerouter.core.internal.learning.Evidence;
import java.util.Collection;

/**
 * What the times of one service say for and against each of several numbers, and the choice from
 * what all services of a model say.
 *
 * <p>Each number predicts another time for the same request, and that one is right whose
 * predictions miss by the same factor every time. Which factor does not matter: it is the
 * endpoint's speed. So for each number the variance of the logarithm of observed to predicted time
 * is kept; logarithms, since sizes that nobody knows in advance have long tails. The variances are
 * those within each service, as services differ in speed.
 *
 * <p>The number believed so far is kept until another one explains the times clearly better, and of
 * those that explain them equally well the first is taken.
 */
final class Hypotheses {
  private static final float ENOUGH_OBSERVATIONS = 100;

  /** By how much the variance has to be less for another number to be believed. */
  private static final double CLEARLY = 0.85;

  /** Variances that differ by less than this are equal. */
  private static final double EQUAL = 1.02;

  /** Who predicts as exactly as this needs no other number. */
  private static final double EXACT = 1e-3;

  private static final int BITS_OF_ONE = Float.floatToRawIntBits(1);
  private static final float BITS_OF_FRACTION = 1 << 23;

  /**
   * Sums of the logarithms and of their squares for each number. In plain mode, without a
   * compare-and-set: {@link Evidence} says why that suffices.
   */
  private final long[] sums;

  private float observations;

  Hypotheses(int count) {
    sums = new long[count];
  }

  /** Counts an observation, of which {@link #missed} is told for each number. */
  void observed() {
    observations++;
  }

  /**
   * By how much the prediction of a number has missed.
   *
   * @param ratio of observed to predicted time
   */
  void missed(int number, float ratio) {
    float log = log2(ratio);
    sums[number] = Evidence.plus(sums[number], log, log * log);
  }

  /** Piecewise linear, which is near enough to compare variances, and the same everywhere. */
  private static float log2(float value) {
    return (Float.floatToRawIntBits(value) - BITS_OF_ONE) / BITS_OF_FRACTION;
  }

  void fade(float kept) {
    observations *= kept;
    for (int i = 0; i < sums.length; i++) {
      sums[i] = Evidence.times(sums[i], kept);
    }
  }

  void forget() {
    fade(0);
  }

  /**
   * A number to believe in.
   *
   * @param number which
   * @param isNew whether another one was believed so far
   * @param factor of the time that was observed to the time predicted with it, relative to the same
   *     of the number that was believed so far
   */
  record Choice(int number, boolean isNew, float factor) {}

  /** Chooses by all there is of a model, where {@code believed} is believed so far. */
  static Choice choose(Collection<Hypotheses> services, int count, int believed) {
    double observations = 0;
    double[] variation = new double[count];
    double[] sum = new double[count];
    for (Hypotheses each : services) {
      if (each.observations < 2) {
        continue;
      }
      observations += each.observations;
      for (int i = 0; i < count; i++) {
        double logs = Evidence.first(each.sums[i]);
        sum[i] += logs;
        variation[i] +=
            Math.max(0, Evidence.second(each.sums[i]) - logs * logs / each.observations);
      }
    }
    int best = best(variation);
    if (observations < ENOUGH_OBSERVATIONS
        || variation[believed] < EXACT * observations
        || variation[best] >= CLEARLY * variation[believed]) {
      return new Choice(believed, false, 1);
    }
    double factor = StrictMath.pow(2, (sum[best] - sum[believed]) / observations);
    return new Choice(best, true, (float) factor);
  }

  private static int best(double[] variation) {
    double least = Double.MAX_VALUE;
    for (double each : variation) {
      least = Math.min(least, each);
    }
    int best = 0;
    while (variation[best] > EQUAL * least) {
      best++;
    }
    return best;
  }
}
