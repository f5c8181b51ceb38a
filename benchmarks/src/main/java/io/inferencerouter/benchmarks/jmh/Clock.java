package io.inferencerouter.benchmarks.jmh;

/** The clocks that are measured. */
public enum Clock {
  /** The system's monotonic clock. */
  SYSTEM,
  /** A coarse ticker with its default interval. */
  COARSE
}
