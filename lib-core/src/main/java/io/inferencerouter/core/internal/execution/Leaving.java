package io.inferencerouter.core.internal.execution;

import io.inferencerouter.Lease;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How the attempts of a row leave endpoints, each with the next one paid for and its place kept.
 *
 * <p>Two threads are at it: the one that uses the row, and one that takes back the attempt under
 * way. Whoever takes it back puts the departure here before he ends the lease, so that it is found
 * by whoever sees that the lease has ended; and if somebody else has ended the lease, takes it away
 * again, unless it has been found. It changes by compare-and-set, so one of the two has what was
 * acquired.
 */
final class Leaving {
  private static final VarHandle DEPARTURE;

  static {
    try {
      DEPARTURE = MethodHandles.lookup().findVarHandle(Leaving.class, "departure", Departure.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** How the attempt under way leaves; null if it does not. */
  private volatile @Nullable Departure departure;

  /** The next attempt of one that has left; for the thread that uses the row. */
  private @Nullable Departure onward;

  /** Whether the attempt under way is about to leave. */
  boolean isUnderWay() {
    return departure != null;
  }

  /**
   * Leaves, if the attempt under way is given up; if not, the place elsewhere is given back.
   *
   * @param givesUp ends the lease; false if somebody else has ended it
   */
  boolean by(Departure leaving, BooleanSupplier givesUp) {
    if (!DEPARTURE.compareAndSet(this, null, leaving)) {
      leaving.cancel();
      return false;
    }
    boolean left = false;
    try {
      left = givesUp.getAsBoolean();
    } finally {
      if (!left && DEPARTURE.compareAndSet(this, leaving, null)) {
        leaving.cancel();
      }
    }
    return left;
  }

  /** Takes note that an attempt has ended: if it has left, its next attempt is kept. */
  void ended(Lease lease) {
    Departure found = departure;
    onward =
        found != null && found.isFrom(lease) && DEPARTURE.compareAndSet(this, found, null)
            ? found
            : null;
  }

  /** Whether the attempt that has ended has left, and the next one is kept. */
  boolean isOnward() {
    return onward != null;
  }

  /** The next attempt that is kept, and not any more; null if there is none. */
  @Nullable Departure takeOnward() {
    Departure kept = onward;
    onward = null;
    return kept;
  }

  /** Nobody goes anywhere any more: what is kept is given back. */
  void end() {
    Departure kept = takeOnward();
    if (kept != null) {
      kept.cancel();
    }
    Departure left = departure;
    if (left != null && DEPARTURE.compareAndSet(this, left, null)) {
      left.cancel();
    }
  }
}
