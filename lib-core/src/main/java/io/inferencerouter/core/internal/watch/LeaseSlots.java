package io.inferencerouter.core.internal.watch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Places for leases; as many as there are, for good. */
final class LeaseSlots {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Watched[].class);
  private static final VarHandle SITE = MethodHandles.arrayElementVarHandle(Site[].class);

  /** So many references, or ints, share a cache line. */
  private static final int LINE = 16;

  /** For so many threads it is noted, each on a line of its own, which place they had last. */
  private static final int LAST_PLACES_LOG2 = 5;

  /** How many places a thread tries besides its last one; where all are taken, so are most. */
  private static final int FAR = 16;

  /** From one of these to the next: odd, so that no place is tried twice. */
  private static final int STRIDE = 0x9e3779b1;

  private static final long MIX = 0x9e3779b97f4a7c15L;

  /** Where a lease was acquired. */
  private record Site(Watched lease, Throwable acquiredAt) {}

  private final @Nullable Watched[] leases;

  /**
   * The place that a thread had last. Plain: threads that share it may take each other's, and then
   * find that it is taken.
   */
  private final int[] lastPlaces = new int[LINE << LAST_PLACES_LOG2];

  /** Plain: it only keeps searches apart whose random bits are the same. */
  private int searches;

  /** What the sweeps know of the lease in the same place. Used by one sweep at a time. */
  private final @Nullable Vigil[] vigils;

  private final @Nullable Site[] sites;

  /**
   * Makes free places.
   *
   * @param size a power of two
   */
  LeaseSlots(int size, boolean withSites) {
    leases = new Watched[size];
    vigils = new Vigil[size];
    sites = new Site[withSites ? size : 0];
    for (int noted = 0; noted < lastPlaces.length; noted += LINE) {
      lastPlaces[noted] = noted; // apart, to begin with
    }
  }

  int size() {
    return leases.length;
  }

  /**
   * Takes a place for a lease.
   *
   * @param thread the number of the calling thread
   * @param random any bits
   * @return whether one was found; if not, most places are taken
   */
  boolean claim(Watched lease, long thread, long random) {
    int noted = (int) ((thread * MIX) >>> (Long.SIZE - LAST_PLACES_LOG2)) * LINE;
    if (claim(lastPlaces[noted], lease)) {
      return true;
    }
    int start = (int) (((random + searches++) * MIX) >>> 32);
    for (int i = 0; i < FAR; i++) {
      int place = start + i * STRIDE;
      if (claim(place, lease)) {
        lastPlaces[noted] = place;
        return true;
      }
    }
    return false;
  }

  private boolean claim(int place, Watched lease) {
    int at = place & (leases.length - 1);
    Watched before = (Watched) SLOT.getAcquire(leases, at);
    if ((before != null && !before.isComplete())
        || !SLOT.compareAndSet(leases, at, before, lease)) {
      return false;
    }
    if (sites.length != 0) {
      SITE.setVolatile(sites, at, new Site(lease, new Throwable("acquired here")));
    }
    return true;
  }

  /** The lease in a place, if it has not ended; the place of one that has is free again. */
  @Nullable Watched at(int place) {
    Watched lease = (Watched) SLOT.getAcquire(leases, place);
    if (lease == null || !lease.isComplete()) {
      return lease;
    }
    if (SLOT.compareAndSet(leases, place, lease, null) && sites.length != 0) {
      Site site = (Site) SITE.getVolatile(sites, place);
      if (site != null && site.lease == lease) {
        SITE.compareAndSet(sites, place, site, null);
      }
    }
    return null;
  }

  /** What the sweeps know of the lease in a place; made if this is a new one. */
  Vigil vigil(int place, Watched lease, long nowNanos) {
    Vigil known = vigils[place];
    if (known != null && known.lease() == lease) {
      return known;
    }
    Vigil begun = new Vigil(lease, nowNanos);
    vigils[place] = begun;
    return begun;
  }

  /** Forgets what the sweeps knew of whoever was in a place. */
  void forget(int place) {
    vigils[place] = null;
  }

  /** Where a lease in this place was acquired; null if that is not recorded. */
  @Nullable Throwable acquiredAt(int place, Watched lease) {
    Site site = sites.length == 0 ? null : (Site) SITE.getVolatile(sites, place);
    return site == null || site.lease != lease ? null : site.acquiredAt;
  }
}
