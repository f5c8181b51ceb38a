package io.inferencerouter.core.internal.affinity;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long each endpoint is taken to remember.
 *
 * <p>An endpoint has a number, its slot, and a clock that counts the blocks which were newly put
 * into its cache. Whatever the indexes note about an endpoint is stamped with that clock, and is
 * believed only as long as fewer blocks than the cache holds have followed, and no {@link #forget}
 * has come in between. So a small cache forgets soon, a large one late, a restarted one at once,
 * and nothing is ever swept. One more clock, the fleet's, counts the blocks of all.
 *
 * <p>Within that, how likely an endpoint still has something is learned from what it reports: see
 * {@link Retention}.
 *
 * <p>Clocks only go forward, also when a slot gets a new owner; that is what makes slots reusable
 * after {@link #forget}.
 *
 * <p>Safe for use by several threads. Reads are opaque: a lookup needs a recent value of each word
 * and no order among them. All writes are wait-free, except {@link #forget}, which is lock-free;
 * its clock moves before its floor, so that a reader between the two believes the old for a moment
 * and never voids the new.
 */
public final class EndpointCaches {
  /** The default number of slots; they take 64 bytes each. */
  public static final int DEFAULT_SLOTS = 4096;

  /** The largest number of slots. */
  public static final int MAX_SLOTS = 1 << 16;

  /** {@link #capacity(int, int)} of an endpoint that is believed as long as the index remembers. */
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  /** The coarsest unit in which an index keeps stamps, in blocks; a power of two. */
  static final int COARSEST_UNIT = 64;

  /** Words of a slot; a slot has a cache line of its own. */
  private static final int STRIDE = 8;

  private static final int CLOCK = 0;
  private static final int CAPACITY = 1;
  private static final int FLOOR = 2;
  private static final int RETENTION = 3;

  private final int slots;
  private final AtomicLongArray words;

  /**
   * Caches of nothing yet, all of unbounded capacity.
   *
   * @param slots how many endpoints there can be at a time, 1 to {@link #MAX_SLOTS}
   */
  public EndpointCaches(int slots) {
    if (slots < 1 || slots > MAX_SLOTS) {
      throw new IllegalArgumentException("slots: " + slots + " (expected: 1 to " + MAX_SLOTS + ")");
    }
    this.slots = slots;
    words = new AtomicLongArray((slots + 1) * STRIDE);
    for (int slot = 0; slot <= slots; slot++) {
      words.setPlain(slot * STRIDE + CAPACITY, UNBOUNDED);
    }
  }

  /** The number of slots. */
  public int slots() {
    return slots;
  }

  /**
   * Sets how many blocks an endpoint's cache is taken to hold.
   *
   * @param blocks 0 or more; 0 means that it keeps nothing, {@link #UNBOUNDED} is the default
   */
  public void capacity(int slot, int blocks) {
    if (blocks < 0) {
      throw new IllegalArgumentException("blocks: " + blocks + " (expected: 0 or more)");
    }
    words.set(word(slot, CAPACITY), blocks);
  }

  /** How many blocks an endpoint's cache is taken to hold. */
  public int capacity(int slot) {
    return (int) words.getOpaque(word(slot, CAPACITY));
  }

  /** Voids everything noted about an endpoint: it has restarted, is gone, or was replaced. */
  public void forget(int slot) {
    int clock = word(slot, CLOCK);
    // On to the next multiple of the coarsest unit, at which every index has a stamp that is new.
    long floor = words.updateAndGet(clock, now -> (now | (COARSEST_UNIT - 1)) + 1);
    words.accumulateAndGet(word(slot, FLOOR), floor, Math::max);
  }

  /** Forgets what was learned of an endpoint's retention: it is another endpoint. */
  public void unlearn(int slot) {
    words.setOpaque(word(slot, RETENTION), Retention.UNLIMITED);
  }

  /**
   * Learns from what an endpoint reports. Of two reports at once, one may be lost.
   *
   * @param age how many blocks had followed what was looked for
   * @param found which share of it was still there, 0 to 1
   */
  public void learn(int slot, long age, double found) {
    int at = word(slot, RETENTION);
    long before = words.getOpaque(at);
    long learned = Retention.learned(before, age, found);
    if (learned != before) {
      words.setOpaque(at, learned);
    }
  }

  /** The probability that an endpoint still has what so many blocks have followed. */
  public double kept(int slot, long age) {
    return Retention.kept(words.getOpaque(slot * STRIDE + RETENTION), age);
  }

  /** Notes that blocks were newly put into an endpoint's cache. */
  void insert(int slot, int blocks) {
    words.getAndAdd(slot * STRIDE + CLOCK, blocks);
    words.getAndAdd(fleet() * STRIDE + CLOCK, blocks);
  }

  /** The place of the fleet's own clock, beside those of the slots. */
  int fleet() {
    return slots;
  }

  /** The blocks newly put into an endpoint's cache so far, or into all. */
  long clock(int slot) {
    return words.getOpaque(slot * STRIDE + CLOCK);
  }

  /**
   * How many blocks back, seen from {@code clock}, an endpoint is taken to remember; negative when
   * nothing is to be believed.
   */
  long horizon(int slot, long clock) {
    return Math.min(
        words.getOpaque(slot * STRIDE + CAPACITY), clock - words.getOpaque(slot * STRIDE + FLOOR));
  }

  private int word(int slot, int field) {
    return Objects.checkIndex(slot, slots) * STRIDE + field;
  }
}
