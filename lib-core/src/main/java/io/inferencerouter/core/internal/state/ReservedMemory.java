package io.inferencerouter.core.internal.state;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the requests on one endpoint have reserved, in units of input and output: on a
 * GPU, the tokens in its key-value cache.
 *
 * <p>Reserving is a lock-free loop over one word, so that the budget is exact under races;
 * returning is one wait-free addition. Only endpoints that declare a budget use it.
 */
public final class ReservedMemory {
  private final AtomicLong reserved = new AtomicLong();

  /** What is reserved. */
  public long reserved() {
    return reserved.get();
  }

  /**
   * Whether there is room. A request that is larger than the whole budget has room on an endpoint
   * where nothing else is reserved: sizes are estimates, and otherwise it could never run.
   */
  public boolean hasRoom(long units, long budget) {
    return hasRoom(reserved.getOpaque(), units, budget);
  }

  private static boolean hasRoom(long reserved, long units, long budget) {
    return reserved == 0 || units <= budget - reserved;
  }

  /** Reserves, if there is room. */
  public boolean reserve(long units, long budget) {
    long before = reserved.get();
    while (hasRoom(before, units, budget)) {
      long seen = reserved.compareAndExchange(before, before + units);
      if (seen == before) {
        return true;
      }
      before = seen;
    }
    return false;
  }

  /** Returns what was reserved. */
  public void release(long units) {
    reserved.getAndAdd(-units);
  }
}
