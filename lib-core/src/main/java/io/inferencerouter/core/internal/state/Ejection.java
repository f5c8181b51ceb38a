package io.inferencerouter.core.internal.state;

import io.inferencerouter.EjectionReason;

/**
 * Why and for how long a member takes no requests. Immutable.
 *
 * @param reason why; where several reasons overlap, that of health before the others
 * @param sinceNanos when it began
 * @param untilNanos when it ends
 * @param firmUntilNanos before that moment, evidence of health does not end it: that is a wait
 *     which somebody has asked for, the endpoint itself or a caller
 */
public record Ejection(
    EjectionReason reason, long sinceNanos, long untilNanos, long firmUntilNanos) {

  /** An ejection that begins now. */
  public static Ejection of(EjectionReason reason, long nowNanos, long untilNanos) {
    return new Ejection(
        reason, nowNanos, untilNanos, reason.cause().isHealth() ? nowNanos : untilNanos);
  }

  /** Both: whatever is longer, and whatever is firm longer. */
  Ejection and(Ejection other) {
    boolean healthIsNew = !reason.cause().isHealth() && other.reason.cause().isHealth();
    boolean sameKind = reason.cause().isHealth() == other.reason.cause().isHealth();
    return new Ejection(
        healthIsNew || sameKind ? other.reason : reason,
        sinceNanos,
        later(untilNanos, other.untilNanos),
        later(firmUntilNanos, other.firmUntilNanos));
  }

  /** This ejection, to end as soon as it may. */
  Ejection shortened(long nowNanos) {
    return new Ejection(reason, sinceNanos, later(firmUntilNanos, nowNanos), firmUntilNanos);
  }

  private static long later(long a, long b) {
    return a - b >= 0 ? a : b;
  }
}
