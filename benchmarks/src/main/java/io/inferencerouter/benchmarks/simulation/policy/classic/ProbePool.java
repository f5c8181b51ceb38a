package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import java.util.random.RandomGenerator;

/**
 * The probe pool of {@link Prequal}: at most one probe of an endpoint, {@value #CAPACITY} in all. A
 * new one takes the place of an older one of the same endpoint, or else of the oldest.
 */
final class ProbePool extends Candidates {
  static final int CAPACITY = 16;
  static final int NONE = -1;
  private static final long AGE_LIMIT_NANOS = 1_000_000_000L;

  /** Q_RIF, 2 to the power of -0.25. */
  private static final double HOT_QUANTILE = StrictMath.pow(2, -0.25);

  final RifDistribution distribution = new RifDistribution();

  /** When probes were last sent, and when there was last a request. */
  long lastProbed;

  long lastQuery;

  /** Which membership it belongs to. */
  final int generation;

  boolean isWatched;

  private final double uses;
  private final int[] positions = new int[CAPACITY];
  private final long[] received = new long[CAPACITY];
  private final int[] rifs = new int[CAPACITY];
  private final long[] latencies = new long[CAPACITY];
  private final int[] usesLeft = new int[CAPACITY];
  private int count;
  private boolean worstIsNext;

  ProbePool(Target[] targets, int generation, double uses) {
    super(targets);
    this.generation = generation;
    this.uses = uses;
  }

  int count() {
    return count;
  }

  void add(int position, int rif, long latency, long now, RandomGenerator random) {
    distribution.add(rif);
    int place = 0;
    while (place < count && positions[place] != position) {
      place++;
    }
    if (place < count) {
      remove(place);
    } else if (count == CAPACITY) {
      remove(oldest());
    }
    positions[count] = position;
    received[count] = now;
    rifs[count] = rif;
    latencies[count] = latency;
    usesLeft[count] = drawUses(random);
    count++;
  }

  void expire(long now) {
    for (int place = count - 1; place >= 0; place--) {
      if (now - received[place] > AGE_LIMIT_NANOS) {
        remove(place);
      }
    }
  }

  /**
   * The position to send a request to: the cold one with the lowest latency, or if all are hot the
   * one with the fewest requests in flight; and counts the request there. {@link #NONE} if fewer
   * than two probes are at hand.
   */
  int take() {
    int threshold = distribution.quantile(HOT_QUANTILE);
    int best = NONE;
    int eligible = 0;
    for (int place = 0; place < count; place++) {
      if (isUsable(positions[place])) {
        eligible++;
        if (best == NONE || isBetter(place, best, threshold)) {
          best = place;
        }
      }
    }
    if (eligible < 2) {
      return NONE;
    }
    int position = positions[best];
    rifs[best]++;
    if (--usesLeft[best] <= 0) {
      remove(best);
    }
    return position;
  }

  /** Removes one: the oldest and the worst by turns. */
  void removeOne() {
    if (count > 0) {
      remove(worstIsNext ? worst() : oldest());
      worstIsNext = !worstIsNext;
    }
  }

  private boolean isBetter(int place, int than, int threshold) {
    boolean isHot = rifs[place] > threshold;
    if (isHot != rifs[than] > threshold) {
      return !isHot;
    }
    if (isHot) {
      return rifs[place] < rifs[than]
          || (rifs[place] == rifs[than] && latencies[place] < latencies[than]);
    }
    return latencies[place] < latencies[than]
        || (latencies[place] == latencies[than] && rifs[place] < rifs[than]);
  }

  private int oldest() {
    int oldest = 0;
    for (int place = 1; place < count; place++) {
      if (received[place] < received[oldest]) {
        oldest = place;
      }
    }
    return oldest;
  }

  private int worst() {
    int threshold = distribution.quantile(HOT_QUANTILE);
    int worst = 0;
    for (int place = 1; place < count; place++) {
      if (isBetter(worst, place, threshold)) {
        worst = place;
      }
    }
    return worst;
  }

  private int drawUses(RandomGenerator random) {
    if (uses >= Integer.MAX_VALUE) {
      return Integer.MAX_VALUE;
    }
    int whole = (int) uses;
    return random.nextDouble() < uses - whole ? whole + 1 : whole;
  }

  /** Keeps the order, which that of arrival is. */
  private void remove(int place) {
    int after = count - place - 1;
    System.arraycopy(positions, place + 1, positions, place, after);
    System.arraycopy(received, place + 1, received, place, after);
    System.arraycopy(rifs, place + 1, rifs, place, after);
    System.arraycopy(latencies, place + 1, latencies, place, after);
    System.arraycopy(usesLeft, place + 1, usesLeft, place, after);
    count--;
  }
}
