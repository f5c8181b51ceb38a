package io.inferencerouter.core.internal.state;

/**
 * How far an endpoint has got with its slow start: when it began, and which share of the requests
 * it may have. Written under the lock of the membership; the share is also read without.
 */
public final class Warmup {
  private long sinceNanos;
  private int answersThen;
  private volatile float share = 1;

  /** Begins. */
  public void begin(float share, long nowNanos, int answers) {
    sinceNanos = nowNanos;
    answersThen = answers;
    this.share = share;
  }

  /** When it began. */
  public long sinceNanos() {
    return sinceNanos;
  }

  /** How many requests have been answered since. */
  public int answersSince(int answers) {
    return Math.max(0, answers - answersThen);
  }

  /** Takes note of a share. */
  public void reached(float share) {
    this.share = share;
  }

  /** The share, above 0, at most 1. */
  public float share() {
    return share;
  }

  /** Whether the share is not yet a full one. */
  public boolean isUnderWay() {
    return share < 1;
  }
}
