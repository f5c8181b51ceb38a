package io.inferencerouter.core.internal.affinity;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Where each conversation was last, and how much of it that endpoint holds in its cache; in memory
 * of fixed size. For requests that name a session but state no prefix keys, which tell more.
 *
 * <p>A session is a prefix of one piece: its last turn has left so many units, such as tokens, on
 * one endpoint. It ages like the blocks of a {@link PrefixIndex}, by the {@linkplain EndpointCaches
 * clock of the endpoint}, and its growth advances that clock. As new blocks push it out, the end of
 * it is taken to go first.
 *
 * <p>An entry is a pair of words, the value and the key xor the value. Whoever reads the halves of
 * two different entries sees a key that nobody asks for, but for a chance of 2^-64 (the lock-free
 * table of R. Hyatt's chess program Crafty). So all words are accessed in opaque mode, and nothing
 * is locked: a race can lose an entry, and cannot confuse two. A bucket of four entries is a cache
 * line; a full one gives up the entry that has used up most of its endpoint's memory. All methods
 * are wait-free; a lookup writes nothing.
 */
public final class SessionIndex {
  /** The default number of sessions, 1 MiB of them. */
  public static final int DEFAULT_ENTRIES = 1 << 16;

  /** The smallest number of sessions. */
  public static final int MIN_ENTRIES = 1 << 5;

  /** The largest number of sessions, 128 MiB of them. */
  public static final int MAX_ENTRIES = 1 << 23;

  /** The default number of units that count as a block. */
  public static final int DEFAULT_UNITS_PER_BLOCK = 512;

  /** The most units that are kept of a session. */
  public static final int MAX_UNITS = (1 << 20) - 1;

  /** {@link #lookup} of a session that is unknown, or whose endpoint has forgotten it. */
  public static final long NONE = 0;

  private static final int WORDS = 2;
  private static final int BUCKET = 4 * WORDS;

  // The value: slot (16 bits) | units (20 bits) | stamp (28 bits), in units of four blocks.
  private static final int STAMP_BITS = 28;
  private static final long STAMP = (1L << STAMP_BITS) - 1;
  private static final int STAMP_UNIT_SHIFT = 2;
  private static final int UNITS_BITS = 20;
  private static final int SLOT_SHIFT = STAMP_BITS + UNITS_BITS;
  private static final long MAX_AGE = STAMP << STAMP_UNIT_SHIFT;

  /** What is overwritten before any entry that is in use. */
  private static final double EMPTY = 3;

  private static final double SAME = 4;

  private final EndpointCaches caches;
  private final int unitsPerBlock;
  private final long seed;
  private final int bucketMask;
  private final AtomicLongArray table;

  /**
   * An empty index.
   *
   * @param caches the endpoints that the conversations are on
   * @param entries how many sessions there is room for, {@link #MIN_ENTRIES} to {@link
   *     #MAX_ENTRIES}, rounded up to a power of two; each takes 16 bytes
   * @param unitsPerBlock how many units count as one block of the caches, 1 or more
   * @param seed makes the places of keys unpredictable
   */
  public SessionIndex(EndpointCaches caches, int entries, int unitsPerBlock, long seed) {
    if (entries < MIN_ENTRIES || entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "entries: " + entries + " (expected: " + MIN_ENTRIES + " to " + MAX_ENTRIES + ")");
    }
    if (unitsPerBlock < 1) {
      throw new IllegalArgumentException(
          "unitsPerBlock: " + unitsPerBlock + " (expected: 1 or more)");
    }
    this.caches = Objects.requireNonNull(caches, "caches");
    this.unitsPerBlock = unitsPerBlock;
    this.seed = seed;
    int words = (Integer.highestOneBit(entries - 1) << 1) * WORDS;
    bucketMask = words - BUCKET;
    table = new AtomicLongArray(words);
  }

  /** How many sessions there is room for. */
  public int entries() {
    return table.length() / WORDS;
  }

  /**
   * Notes what the latest turn of a session has left on an endpoint. What another endpoint held is
   * of no more interest.
   *
   * @param session a key of {@link AffinityKeys}, of the session's name and whatever else must be
   *     equal
   * @param units the length of the conversation so far, input and output; more than {@link
   *     #MAX_UNITS} count as that many, and 0 or less is not noted
   */
  public void record(long session, int slot, int units) {
    Objects.checkIndex(slot, caches.slots());
    if (units <= 0) {
      return;
    }
    int kept = Math.min(units, MAX_UNITS);
    long key = AffinityKeys.mix(session, seed);
    int bucket = bucket(key);
    int victim = bucket;
    double mostSpent = -1;
    int before = 0;
    for (int i = bucket; i < bucket + BUCKET; i += WORDS) {
      long value = table.getOpaque(i + 1);
      boolean same = (table.getOpaque(i) ^ value) == key && value != NONE;
      double spent = same ? SAME : spent(value);
      if (spent > mostSpent) {
        mostSpent = spent;
        victim = i;
        before = same && slot(value) == slot ? believed(value) : 0;
      }
    }
    long grown = Math.max(0, kept - before);
    int blocks = (int) ((grown + unitsPerBlock - 1) / unitsPerBlock);
    if (blocks > 0) {
      caches.insert(slot, blocks);
    }
    long stamp = (caches.clock(slot) >>> STAMP_UNIT_SHIFT) & STAMP;
    long value = (long) slot << SLOT_SHIFT | (long) kept << STAMP_BITS | stamp;
    table.setOpaque(victim + 1, value);
    table.setOpaque(victim, key ^ value);
  }

  /**
   * The endpoint on which a session was last, and what it still holds of it, to be taken apart with
   * {@link #slot}, {@link #units} and {@link #age}; or {@link #NONE}.
   *
   * @param session as recorded
   */
  public long lookup(long session) {
    long key = AffinityKeys.mix(session, seed);
    int bucket = bucket(key);
    for (int i = bucket; i < bucket + BUCKET; i += WORDS) {
      long value = table.getOpaque(i + 1);
      if ((table.getOpaque(i) ^ value) == key && value != NONE) {
        long units = believed(value);
        long age = age(value, caches.clock(slot(value))) >>> STAMP_UNIT_SHIFT;
        return units == 0 ? NONE : (long) slot(value) << SLOT_SHIFT | units << STAMP_BITS | age;
      }
    }
    return NONE;
  }

  /** The slot in a result of {@link #lookup} that is not {@link #NONE}. */
  public static int slot(long found) {
    return (int) (found >>> SLOT_SHIFT);
  }

  /** The units in a result of {@link #lookup}. */
  public static int units(long found) {
    return (int) (found >>> STAMP_BITS) & MAX_UNITS;
  }

  /** How many blocks have followed, by a result of {@link #lookup}. */
  public static long age(long found) {
    return (found & STAMP) << STAMP_UNIT_SHIFT;
  }

  /** How many units of an entry its endpoint is still taken to hold. */
  private int believed(long value) {
    int slot = slot(value);
    long clock = caches.clock(slot);
    long age = age(value, clock);
    if (age > caches.horizon(slot, clock)) {
      return 0;
    }
    return (int) Math.min(units(value), (caches.capacity(slot) - age) * unitsPerBlock);
  }

  /** How much of its endpoint's memory an entry has used up; as in {@link PrefixIndex}. */
  private double spent(long value) {
    if (value == NONE) {
      return EMPTY;
    }
    int slot = slot(value);
    long clock = caches.clock(slot);
    long age = age(value, clock);
    long horizon = caches.horizon(slot, clock);
    if (age <= horizon) {
      return age / (horizon + 1.0);
    }
    return age > MAX_AGE / 2 ? 0 : 2;
  }

  private static long age(long value, long clock) {
    return (((clock >>> STAMP_UNIT_SHIFT) - value) & STAMP) << STAMP_UNIT_SHIFT;
  }

  private int bucket(long key) {
    return (int) (key >>> 32) & bucketMask;
  }
}
