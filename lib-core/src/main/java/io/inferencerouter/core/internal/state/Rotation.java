package io.inferencerouter.core.internal.state;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A rotation through a set of candidates that outlives the set: a counter that goes on where it was
 * when the set changes, and that has no sign to lose when it overflows.
 */
public final class Rotation {
  private final AtomicLong turns;

  /** Plain, since it only says what to work out ahead of time. */
  private boolean weighted;

  /**
   * A rotation that begins at a turn of its own, so that many clients do not all begin with the
   * first endpoint.
   *
   * @param firstTurn any number; the upper half of the count is left free, so that it never ends
   */
  public Rotation(long firstTurn) {
    turns = new AtomicLong(firstTurn >>> 1);
  }

  /** The index whose turn it is among {@code size}; the next call is for the one after it. */
  public int next(int size) {
    return (int) Long.remainderUnsigned(turns.getAndIncrement(), size);
  }

  /** The index whose turn it is among {@code size}. */
  public int peek(int size) {
    return (int) Long.remainderUnsigned(turns.get(), size);
  }

  /** The candidate whose turn it is in a weighted order; the next call is for the one after it. */
  int next(WeightedTurns order) {
    if (!weighted) {
      weighted = true;
    }
    return order.at(turns.getAndIncrement());
  }

  /** The candidate whose turn it is in a weighted order, or will be after some more turns. */
  int peek(WeightedTurns order, int ahead) {
    return order.at(turns.get() + ahead);
  }

  /** Whether a weighted order has been asked for. */
  boolean isWeighted() {
    return weighted;
  }
}
