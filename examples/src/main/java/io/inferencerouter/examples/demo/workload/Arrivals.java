package io.inferencerouter.examples.demo.workload;

import java.util.SplittableRandom;

/**
 * When requests arrive: a Poisson process whose rate changes between calm and burst, as mail does
 * that comes in batches. In a burst requests come {@value #BURST_RATE} times as often.
 */
final class Arrivals {
  /** The rate in a burst, relative to the calm between bursts. */
  static final double BURST_RATE = 4;

  /** The mean number of requests until a burst begins or ends. */
  static final int REQUESTS_PER_PHASE = 20;

  private Arrivals() {}

  /**
   * Draws the arrival times.
   *
   * @param count how many, at least one
   * @param windowNanos the time from the start in which they arrive; the last one arrives at its
   *     end
   * @return nanoseconds from the start, ascending
   */
  static long[] draw(SplittableRandom random, int count, long windowNanos) {
    double[] times = new double[count];
    double time = 0;
    boolean burst = false;
    for (int i = 0; i < count; i++) {
      if (random.nextInt(REQUESTS_PER_PHASE) == 0) {
        burst = !burst;
      }
      double gap = -Math.log(1 - random.nextDouble());
      time += burst ? gap / BURST_RATE : gap;
      times[i] = time;
    }
    long[] arrivals = new long[count];
    for (int i = 0; i < count; i++) {
      arrivals[i] = Math.round(times[i] / time * windowNanos);
    }
    return arrivals;
  }
}
