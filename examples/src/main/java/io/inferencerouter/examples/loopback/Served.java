package io.inferencerouter.examples.loopback;

/**
 * One request that a server finished, on the clock of {@link System#nanoTime()}.
 *
 * @param startNanos when it got its slot
 * @param endNanos when it gave the slot back
 * @param statedNanos how long it should have held the slot; when it was held longer, this machine,
 *     not the endpoint, set the pace
 */
public record Served(long startNanos, long endNanos, long statedNanos) {
  /** How long the slot was held beyond the stated time. */
  public long overrunNanos() {
    return Math.max(endNanos - startNanos - statedNanos, 0);
  }

  /** How long the slot was held between the two instants. */
  public long nanosWithin(long fromNanos, long toNanos) {
    long start = Math.max(startNanos - fromNanos, 0);
    long end = Math.min(endNanos - fromNanos, toNanos - fromNanos);
    return Math.max(end - start, 0);
  }
}
