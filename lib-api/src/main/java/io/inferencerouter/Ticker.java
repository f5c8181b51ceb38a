package io.inferencerouter;

/**
 * A monotonic clock, in nanoseconds from an arbitrary origin.
 *
 * <p>Only differences between two readings of the same ticker mean anything; they stay right when
 * the reading overflows. Reading the clock is the largest single cost of a routing decision: a
 * coarse ticker (see {@code CoarseTicker} in {@code lib-core}) or {@linkplain
 * Route#acquire(InferenceRequest, long) a timestamp of the caller} avoids it.
 *
 * <p>Implementations are safe for use by many threads and never go backwards.
 */
@FunctionalInterface
public interface Ticker {
  /** The current reading, in nanoseconds. */
  long nanos();

  /** The system's monotonic clock, {@link System#nanoTime}. */
  static Ticker system() {
    return System::nanoTime;
  }
}
