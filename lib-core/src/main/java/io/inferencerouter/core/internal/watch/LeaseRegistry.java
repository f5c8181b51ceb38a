package io.inferencerouter.core.internal.watch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The leases that are out and watched.
 *
 * <h2>Which ones</h2>
 *
 * <p>Three things need to know what is out: streams that stop have to be noticed, attempts on an
 * ejected endpoint have to be moved, and leases that were forgotten have to be returned. Each of
 * them concerns requests that take long, or transports that have said that they can be told; both
 * pay for much more than a place here. A plain lease, on the other hand, is acquired and completed
 * around one call, and a place for it would be the largest single part of its cost: so it takes
 * none, unless asked for.
 *
 * <p>What was weighed up against it: a count of old work per endpoint, which costs less and says
 * that something was lost, but not what, so that nothing could be returned exactly; weak references
 * and a cleaner, which find only what the collector finds, and cost an object each; a list through
 * the leases themselves, which costs a contended word per acquisition, and keeps all that has ended
 * since the last sweep.
 *
 * <h2>How</h2>
 *
 * <p>A table of places, larger than what is out. Who joins takes a place that is free, or whose
 * lease has ended, by one compare-and-set; whoever leaves does nothing at all, for a lease that has
 * ended says so itself. So a release costs nothing, and what the table keeps from the collector is
 * bounded by its size: a thread tries the place of its own last lease first, which is in its cache,
 * and whose line other threads seldom touch. Where that is still taken it tries a few at random,
 * and when all of these are taken, another table, twice as large, takes the place of the newest. So
 * a place is found in a few steps, however many are out. Tables are never moved and never leave, so
 * that no place can be lost; that so many tries fail in a table that is less than a quarter full
 * happens once in billions of times, so all together hardly get larger than eight times what was
 * once out at the same time.
 *
 * <h2>Access modes</h2>
 *
 * <p>A place is taken with a volatile compare-and-set, and sweeps read it in acquire mode: what the
 * lease's plain fields held before is seen after. Volatile it is for the sake of a second word:
 * whoever joins then looks at whether sweeps are armed, and the sweep that ends them then looks at
 * the places once more, so that one of the two sees the other. It is the same between a lease whose
 * transport begins to listen, which then looks at whether its endpoint has been withdrawn, and the
 * withdrawal, which says so first and then looks at the places. What the sweeps know of a lease is
 * plain: sweeps follow one another, through the scheduler.
 */
final class LeaseRegistry {
  private static final VarHandle TABLES;
  private static final int FIRST_SIZE = 256;

  static {
    try {
      TABLES =
          MethodHandles.lookup().findVarHandle(LeaseRegistry.class, "tables", LeaseSlots[].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final boolean withSites;

  /** The newest and largest one last. */
  private volatile LeaseSlots[] tables = new LeaseSlots[0];

  LeaseRegistry(boolean withSites) {
    this.withSites = withSites;
  }

  /**
   * Adds a lease, until it has ended.
   *
   * @param random any bits
   */
  void add(Watched lease, long random) {
    long thread = Thread.currentThread().getId();
    LeaseSlots[] known = tables;
    while (known.length == 0 || !known[known.length - 1].claim(lease, thread, random)) {
      LeaseSlots[] grown = new LeaseSlots[known.length + 1];
      System.arraycopy(known, 0, grown, 0, known.length);
      int size = known.length == 0 ? FIRST_SIZE : known[known.length - 1].size() << 1;
      grown[known.length] = new LeaseSlots(size, withSites);
      TABLES.compareAndSet(this, known, grown); // or somebody else has put one there
      known = tables;
    }
  }

  /** What is done with each lease that is out. */
  @FunctionalInterface
  interface Visitor {
    /** A lease and its place, before which there may have been another one in it. */
    void visit(LeaseSlots table, int place, Watched lease);
  }

  /** Visits all leases that are out. One that joins or ends meanwhile is visited or not. */
  void visit(Visitor visitor) {
    for (LeaseSlots table : tables) {
      for (int place = 0; place < table.size(); place++) {
        Watched lease = table.at(place);
        if (lease != null) {
          visitor.visit(table, place, lease);
        }
      }
    }
  }

  /**
   * Visits all leases that are out, and forgets what was known of those that are not. For one
   * thread at a time.
   *
   * @return how many there were
   */
  int sweep(Visitor visitor) {
    int out = 0;
    for (LeaseSlots table : tables) {
      for (int place = 0; place < table.size(); place++) {
        Watched lease = table.at(place);
        if (lease != null) {
          out++;
          visitor.visit(table, place, lease);
        } else {
          table.forget(place);
        }
      }
    }
    return out;
  }

  /** Whether any lease is out. */
  boolean isInUse() {
    for (LeaseSlots table : tables) {
      for (int place = 0; place < table.size(); place++) {
        if (table.at(place) != null) {
          return true;
        }
      }
    }
    return false;
  }

  /** How many places there are. */
  int size() {
    int size = 0;
    for (LeaseSlots table : tables) {
      size += table.size();
    }
    return size;
  }
}
