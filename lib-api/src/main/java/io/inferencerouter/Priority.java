package io.inferencerouter;

/**
 * The priority tier of a request. A waiting request of a higher tier is served before every request
 * of a lower one; within a tier the order is first come, first served. The declaration order runs
 * from the highest to the lowest tier.
 */
public enum Priority {
  /** A person is waiting for it, and losing it costs. */
  CRITICAL,
  /** The default. */
  STANDARD,
  /** Batch work that may wait, and is the first to be shed. */
  BACKGROUND
}
