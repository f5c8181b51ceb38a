package io.inferencerouter.core.internal.state;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A rotation through a set of candidates that outlives the set: a counter that goes on where it was
 * when the set changes, and that has no sign to lose when it overflows.
 */
public final class Rotation {
  private final AtomicLong turns;

  /**
   * A rotation that begins at a turn of its own, so that many clients do not all begin with the
   * first endpoint.
   */
  public Rotation(long firstTurn) {
    turns = new AtomicLong(firstTurn);
  }

  /** The index whose turn it is among {@code size}; the next call is for the one after it. */
  public int next(int size) {
    return (int) Long.remainderUnsigned(turns.getAndIncrement(), size);
  }

  /** The index whose turn it is among {@code size}. */
  public int peek(int size) {
    return (int) Long.remainderUnsigned(turns.get(), size);
  }
}
