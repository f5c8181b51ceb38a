package io.inferencerouter.core.internal.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * When there is time to look at all candidates of a set, so that all such looks together take at
 * most one part in {@value #SHARE} of the time.
 */
final class LookingAtAll {
  /** What looking at one candidate costs, about. */
  private static final long NANOS_PER_CANDIDATE = 10;

  private static final long SHARE = 400;

  private static final VarHandle NEXT;

  static {
    try {
      NEXT = MethodHandles.lookup().findVarHandle(LookingAtAll.class, "next", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long intervalNanos;

  /**
   * When there is time again. Opaque: a thread that sees it late looks once more than was planned.
   */
  @SuppressWarnings("unused")
  private long next;

  LookingAtAll(int candidates) {
    intervalNanos = NANOS_PER_CANDIDATE * SHARE * candidates;
  }

  /** Whether there is time; if so, the next look is put off. */
  boolean isDue(long nowNanos) {
    long wait = (long) NEXT.getOpaque(this) - nowNanos;
    if (wait > 0 && wait <= intervalNanos) { // any other reading is from before the first look
      return false;
    }
    NEXT.setOpaque(this, nowNanos + intervalNanos);
    return true;
  }
}
