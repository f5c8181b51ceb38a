package io.inferencerouter.core.internal.state;

import io.inferencerouter.core.internal.learning.Evidence;
import java.util.Collection;

/**
 * How many requests an endpoint works on side by side, where nobody has declared it: the evidence
 * of one {@link ModelService}, and the choice from that of all of a model.
 *
 * <p>What is ahead of a request delays it if the endpoint takes one after the other, and hardly if
 * it takes four at a time and three are there. So each number of {@value #HYPOTHESES} powers of two
 * predicts another time for the same request, and the number is right whose predictions miss by the
 * same factor every time. Which factor does not matter: it is the endpoint's speed. So for each
 * number the variance of the logarithm of observed to predicted time is kept; logarithms, since
 * sizes that nobody knows in advance have long tails.
 *
 * <p>The number believed so far is kept until another one explains the times clearly better. As
 * long as there is nothing to tell them apart, because endpoints are hardly busy or because other
 * clients have most of the traffic, that is one.
 *
 * <p>Only answers that come in one piece and consist of nothing but the work on an input say
 * anything about this: of documents, images, embeddings. Engines that generate text read one input
 * after the other.
 */
public final class Lanes {
  /** 1, 2, 4, 8, 16, 32. */
  private static final int HYPOTHESES = 6;

  private static final float OBSERVATIONS = 100;

  /** By how much the variance has to be less for another number to be believed. */
  private static final double CLEARLY = 0.85;

  /** Of numbers whose variances differ by less than this the smallest is taken. */
  private static final double EQUAL = 1.02;

  private static final int BITS_OF_ONE = Float.floatToRawIntBits(1);
  private static final float BITS_OF_FRACTION = 1 << 23;

  /**
   * Sums of the logarithms and of their squares for each number. In plain mode, without a
   * compare-and-set: {@link Evidence} says why that suffices.
   */
  private final long[] sums = new long[HYPOTHESES];

  private float observations;

  /**
   * Learns from an answer.
   *
   * @param ratio of the time it took to what it would have taken with nothing ahead
   * @param reserved the work that was reserved before it, in units of its own
   * @param requests how many these were
   */
  void answered(float ratio, float reserved, int requests) {
    observations++;
    for (int i = 0; i < HYPOTHESES; i++) {
      float log = log2(ratio / (1 + reserved * ahead(1 << i, requests)));
      sums[i] = Evidence.plus(sums[i], log, log * log);
    }
  }

  /**
   * Which share of the work that is reserved by {@code requests} is ahead of the next request. Of
   * what is being worked on, half is done on average.
   */
  public static float ahead(int lanes, int requests) {
    return requests < lanes || requests == 0
        ? 0
        : (1 - 0.5f * Math.min(requests, lanes) / requests) / lanes;
  }

  void fade(float kept) {
    observations *= kept;
    for (int i = 0; i < HYPOTHESES; i++) {
      sums[i] = Evidence.times(sums[i], kept);
    }
  }

  private void forget() {
    fade(0);
  }

  /** Piecewise linear, which is near enough to compare variances, and the same everywhere. */
  private static float log2(float value) {
    return (Float.floatToRawIntBits(value) - BITS_OF_ONE) / BITS_OF_FRACTION;
  }

  /** Chooses anew for the services of one model. */
  static void choose(Collection<ModelService> services) {
    int believed = 1;
    double observations = 0;
    double[] variation = new double[HYPOTHESES];
    double[] sum = new double[HYPOTHESES];
    for (ModelService service : services) {
      Lanes lanes = service.lanesLearned();
      if (lanes == null || lanes.observations < 2) {
        continue;
      }
      believed = Math.max(believed, service.lanes());
      observations += lanes.observations;
      for (int i = 0; i < HYPOTHESES; i++) {
        double logs = Evidence.first(lanes.sums[i]);
        sum[i] += logs;
        variation[i] += Evidence.second(lanes.sums[i]) - logs * logs / lanes.observations;
      }
    }
    int now = Integer.numberOfTrailingZeros(believed);
    int best = best(variation);
    if (observations < OBSERVATIONS || variation[best] >= CLEARLY * variation[now]) {
      return;
    }
    double factor = StrictMath.pow(2, (sum[best] - sum[now]) / observations);
    for (ModelService service : services) {
      Lanes lanes = service.lanesLearned();
      if (lanes != null) {
        lanes.forget();
        service.lanes(1 << best, (float) factor);
      }
    }
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
