package io.inferencerouter.benchmarks.jmh;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counters that do not share cache lines, nor the pairs of lines that processors fetch together.
 */
final class PaddedCounters {
  private static final int STRIDE = 16;

  private final AtomicLongArray words;

  PaddedCounters(int count) {
    words = new AtomicLongArray((count + 2) * STRIDE);
  }

  /** Adds to a counter by compare-and-set, and tells what it was before. */
  long add(int counter, long change) {
    int index = (counter + 1) * STRIDE;
    long before = words.get(index);
    while (!words.compareAndSet(index, before, before + change)) {
      before = words.get(index);
    }
    return before;
  }
}
