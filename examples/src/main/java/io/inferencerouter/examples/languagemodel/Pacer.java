package io.inferencerouter.examples.languagemodel;

import java.util.concurrent.locks.LockSupport;

/**
 * Makes steps take their stated time, by waiting without computing, and sums up what they took
 * beyond. Of one thread, except for {@link #stop}.
 */
final class Pacer {
  private final Thread thread;
  private volatile boolean stopped;
  private long overrunNanos;

  /**
   * Creates a pacer.
   *
   * @param thread the one that will wait
   */
  Pacer(Thread thread) {
    this.thread = thread;
  }

  /**
   * Waits until a step has taken its time.
   *
   * @param startNanos when it began, on the clock of {@link System#nanoTime()}
   * @return false when the pacer was stopped
   */
  boolean await(long startNanos, long statedNanos) {
    long left = startNanos + statedNanos - System.nanoTime();
    while (left > 0 && !stopped) {
      LockSupport.parkNanos(this, left);
      left = startNanos + statedNanos - System.nanoTime();
    }
    overrunNanos += Math.max(0, -left);
    return !stopped;
  }

  /** How much longer than stated all steps took together. */
  long overrunNanos() {
    return overrunNanos;
  }

  /** Ends the waiting; by any thread. */
  void stop() {
    stopped = true;
    LockSupport.unpark(thread);
  }
}
