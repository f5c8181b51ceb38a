package io.inferencerouter.core.internal.watch;

import io.inferencerouter.core.StallPolicy;
import java.time.Duration;

/**
 * What the sweeps have seen of one lease. Sweeps are seldom, compared with tokens: what they see is
 * that there was progress since the last one, and how long there was none.
 *
 * <p>Used by one sweep at a time.
 */
final class Vigil {
  /** As long as fewer pauses of a stream are known, its beginning says how slow it may be. */
  private static final int RHYTHM_KNOWN_AFTER = 4;

  private final Watched lease;

  /** What it has been predicted, for as long as there is no first output. */
  private final long predictedNanos;

  private int signs;
  private boolean answered;
  private boolean stalled;
  private int pauses;
  private long longestPause;

  /** Since when there was no progress that could have come. */
  private long idleSince;

  /** When the last sign of life was seen. */
  private long aliveAt;

  Vigil(Watched lease, long nowNanos) {
    this.lease = lease;
    this.predictedNanos = lease.predictedFirstOutputNanos();
    this.signs = lease.signs();
    this.answered = lease.isAnswered();
    this.aliveAt = answered ? nowNanos : lease.acquiredNanos();
    this.idleSince = aliveAt;
  }

  Watched lease() {
    return lease;
  }

  /**
   * Takes note of how the lease is now.
   *
   * @param lostNanos so much of the time since the last sweep this process itself stood still
   * @param fadingNanos after so much time a pause counts for a third
   */
  void look(long nowNanos, long lostNanos, double fadingNanos) {
    int signsNow = lease.signs();
    boolean answeredNow = lease.isAnswered();
    boolean progress = signsNow != signs || answeredNow != answered;
    idleSince = Math.min(nowNanos - idleSince, lostNanos) + idleSince;
    if (progress) {
      if (answered) {
        paused(nowNanos - idleSince, fadingNanos);
      }
      aliveAt = nowNanos;
    }
    if (progress || lease.isHeldBack()) {
      idleSince = nowNanos;
      stalled = false;
    }
    signs = signsNow;
    answered = answeredNow;
  }

  private void paused(long nanos, double fadingNanos) {
    double faded = longestPause * StrictMath.exp(-nanos / fadingNanos);
    longestPause = Math.max((long) faded, nanos);
    pauses = Math.min(pauses + 1, RHYTHM_KNOWN_AFTER);
  }

  boolean isBegun() {
    return answered;
  }

  long idleNanos(long nowNanos) {
    return nowNanos - idleSince;
  }

  long silentNanos(long nowNanos) {
    return nowNanos - aliveAt;
  }

  /** The time to the first output, or the rhythm after it. */
  Duration expected() {
    if (!answered) {
      return Duration.ofNanos(predictedNanos);
    }
    long rhythm = longestPause;
    if (pauses < RHYTHM_KNOWN_AFTER) {
      long beginning = Math.max(lease.firstOutputNanos(), lease.predictedStepNanos());
      rhythm = Math.max(rhythm, beginning);
    }
    return Duration.ofNanos(rhythm);
  }

  /** Whether it has made no progress for longer than it may. */
  boolean stalls(long nowNanos, StallPolicy policy, Duration expected) {
    return idleNanos(nowNanos) > limit(policy, expected).toNanos();
  }

  /** Notes that it stalls: true once for each time. */
  boolean beginsToStall() {
    boolean begins = !stalled;
    stalled = true;
    return begins;
  }

  Duration limit(StallPolicy policy, Duration expected) {
    return answered ? policy.idleLimit(expected) : policy.firstTokenLimit(expected);
  }
}
