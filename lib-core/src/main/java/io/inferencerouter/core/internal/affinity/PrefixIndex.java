package io.inferencerouter.core.internal.affinity;

import io.inferencerouter.InferenceRequest;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which endpoints hold how long a prefix of a prompt in their caches, as far as this router's own
 * requests tell; in memory of fixed size.
 *
 * <h2>Holdings</h2>
 *
 * <p>A prompt is a row of blocks, each with a key that depends on everything before it (see {@link
 * InferenceRequest#prefixKey}). The index notes <em>holdings</em>: that an endpoint holds a block.
 * A holding is one 64-bit word in a flat table:
 *
 * <pre>
 *   tag of the key (25 bits) | common (1 bit) | slot (16 bits) | stamp (22 bits)
 * </pre>
 *
 * <p>The key, mixed with a salt and the index's own seed, chooses a bucket of {@value #WAYS} words;
 * the tag tells the keys of a bucket apart. Two different keys are taken for each other with a
 * probability of 2^-25 per word compared, which makes a wrong guess and nothing worse.
 *
 * <p>A holding is believed as long as its endpoint remembers, see {@link EndpointCaches}, and the
 * less the more blocks have followed it, see {@link Retention}. Recording goes from the last block
 * of a request to the first and advances the endpoint's clock with every new block, so that when
 * memory runs out the ends of prompts are forgotten first, as engines do, and what is left of a
 * prompt is a prefix.
 *
 * <h2>Common blocks</h2>
 *
 * <p>The blocks that every request begins with, such as those of a system prompt, are soon on every
 * endpoint. To remember the four endpoints that were first would send all traffic there. So as soon
 * as a block is recorded for one endpoint more than {@link PrefixHits#MAX_HOLDERS}, a single word
 * that names nobody takes the place of its holdings: the block is common, for as long as it keeps
 * being used, and speaks for no endpoint in particular.
 *
 * <h2>Eviction</h2>
 *
 * <p>A full bucket gives up, in this order, an empty word, one that is no longer believed, and the
 * one that has used up most of its endpoint's memory. For endpoints without a stated capacity the
 * memory is the whole table, so each keeps about as many blocks as the others.
 *
 * <h2>Lookup</h2>
 *
 * <p>If an endpoint holds a block it holds those before it, so the last known block is found by
 * bisection. Then the same search is repeated below, for blocks held by somebody who does not hold
 * the last one, and so on, until the block found is a common one. Where a block is unknown, the
 * next one is asked a few times, so that one lost word does not hide what follows. All of this
 * takes at most 2·⌈log₂ blocks⌉ + {@value #SPARE_PROBES} probes of one bucket each; what remains
 * unsearched then counts with the shorter length that is known.
 *
 * <h2>Access modes and progress</h2>
 *
 * <p>All methods are wait-free, and a lookup writes nothing that is shared. Key and value of a
 * holding are in one word, so a reader sees either all of a holding or none, whatever races. Words
 * are read and written in opaque mode: one access each, seen by all threads in the end, and no
 * order with other words, as no word relies on another. Two threads that write to a bucket at once
 * may choose the same word, and one holding is lost until it is recorded again; or both may note
 * the same holding, and the second is left to age. The clock of an endpoint is advanced after the
 * words that it stamps, so for a moment their stamps lie in the future; they are believed when the
 * clock has caught up, and are not evicted meanwhile.
 *
 * <p>Stamps are counted in units of one block, or of more if the table is larger than 2^18 words,
 * and wrap around after 16 table sizes. An old word would have to stay untouched in its bucket for
 * that long to be believed once more.
 */
public final class PrefixIndex {
  /**
   * The default number of holdings, 2 MiB of them: prompts of 512 MiB together, in blocks of 2 KiB.
   */
  public static final int DEFAULT_ENTRIES = 1 << 18;

  /** The smallest number of holdings. */
  public static final int MIN_ENTRIES = 1 << 6;

  /** The largest number of holdings, 128 MiB of them. */
  public static final int MAX_ENTRIES = 1 << 24;

  /** How many blocks of a request are looked at; the rest of a longer prompt is ignored. */
  public static final int MAX_BLOCKS = (1 << 16) - 1;

  /** Words of a bucket: a cache line. */
  static final int WAYS = 8;

  /** The probes that a lookup may take beyond two bisections. */
  static final int SPARE_PROBES = 8;

  /** How often a lookup asks for the next block where one is unknown. */
  private static final int SECOND_OPINIONS = 2;

  private static final int STAMP_BITS = 22;
  private static final long STAMP = (1L << STAMP_BITS) - 1;
  private static final int SLOT_SHIFT = STAMP_BITS;
  private static final int SLOT = 0xFFFF;
  private static final long COMMON = 1L << 38;
  private static final int TAG_SHIFT = 39;
  private static final int WRAP_IN_TABLES = 16;
  private static final long NOTHING = 0;

  private final EndpointCaches caches;
  private final long seed;
  private final int entries;
  private final int bucketMask;
  private final int unitShift;
  private final AtomicLongArray table;

  /**
   * An empty index.
   *
   * @param caches the endpoints whose holdings are noted
   * @param entries how many holdings there is room for, {@link #MIN_ENTRIES} to {@link
   *     #MAX_ENTRIES}, rounded up to a power of two; each takes 8 bytes
   * @param seed makes the places of keys unpredictable
   */
  public PrefixIndex(EndpointCaches caches, int entries, long seed) {
    if (entries < MIN_ENTRIES || entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "entries: " + entries + " (expected: " + MIN_ENTRIES + " to " + MAX_ENTRIES + ")");
    }
    this.caches = Objects.requireNonNull(caches, "caches");
    this.seed = seed;
    this.entries = Integer.highestOneBit(entries - 1) << 1;
    bucketMask = this.entries - WAYS;
    unitShift =
        Math.max(0, Long.numberOfTrailingZeros((long) this.entries * WRAP_IN_TABLES) - STAMP_BITS);
    table = new AtomicLongArray(this.entries);
  }

  /** How many holdings there is room for. */
  public int entries() {
    return entries;
  }

  /**
   * Notes that an endpoint holds all blocks of a request. Takes time in proportion to their number;
   * not for the pick.
   *
   * @param salt what else must be equal for a cache to be of use: the model, mostly
   * @param slot the endpoint
   */
  public void record(InferenceRequest request, long salt, int slot) {
    Objects.checkIndex(slot, caches.slots());
    long seeded = salt ^ seed;
    long start = caches.clock(slot);
    int inserted = 0;
    for (int level = blocks(request) - 1; level >= 0; level--) {
      long hash = AffinityKeys.mix(request.prefixKey(level), seeded);
      if (hold(hash, slot, start + inserted)) {
        inserted++;
      }
    }
    if (inserted > 0) {
      caches.insert(slot, inserted);
    }
  }

  /**
   * Finds who holds the longest parts of a request, and who of them can be expected to hold most.
   *
   * @param salt as recorded
   * @param hits where the result goes; what it held is lost
   */
  public void lookup(InferenceRequest request, long salt, PrefixHits hits) {
    search(request, salt, hits);
    hits.rank(caches);
  }

  /** As {@link #lookup}; returns the number of probes it took. */
  int search(InferenceRequest request, long salt, PrefixHits hits) {
    int blocks = blocks(request);
    hits.reset(blocks);
    long seeded = salt ^ seed;
    int budget = probeLimit(blocks);
    int left = budget;
    int opinions = SECOND_OPINIONS;
    // Whoever holds `settled` blocks or more is known; in the first round that is nobody.
    int settled = blocks + 1;
    while (settled > 1) {
      int known = hits.longestBelow(settled) - 1;
      if (known < 0 && settled <= blocks) {
        break; // the first block has no further holder
      }
      int unknown = settled - 1;
      while (unknown - known > 1 && left > 0) {
        int level = known < 0 ? 0 : (known + unknown) >>> 1;
        left--;
        if (probe(request.prefixKey(level), seeded, level, settled, hits)) {
          known = level;
        } else if (opinions > 0 && left > 0 && level + 1 < unknown) {
          opinions--;
          left--;
          if (probe(request.prefixKey(level + 1), seeded, level + 1, settled, hits)) {
            known = level + 1;
          } else {
            unknown = level;
          }
        } else {
          unknown = level;
        }
      }
      if (hits.commonBlocks() > known) {
        break; // the rest is common, too
      }
      settled = known + 1;
    }
    return budget - left;
  }

  /** The most probes that a lookup takes. */
  static int probeLimit(int blocks) {
    return blocks == 0
        ? 0
        : 2 * (Integer.SIZE - Integer.numberOfLeadingZeros(blocks - 1)) + SPARE_PROBES;
  }

  /**
   * Notes who holds the block at a level; says whether that is anybody else than those who are
   * settled already.
   */
  private boolean probe(long key, long seeded, int level, int settled, PrefixHits hits) {
    long hash = AffinityKeys.mix(key, seeded);
    long tag = tag(hash);
    int bucket = bucket(hash);
    boolean found = false;
    for (int i = bucket; i < bucket + WAYS; i++) {
      long word = table.getOpaque(i);
      if (((word ^ tag) >>> TAG_SHIFT) != 0) {
        continue;
      }
      int owner = owner(word);
      long clock = caches.clock(owner);
      if (age(word, clock) > limit(owner, clock)) {
        continue;
      }
      if ((word & COMMON) != 0) {
        hits.offerCommon(level + 1);
        found = true;
      } else {
        found |= hits.own(owner) < settled;
        hits.offer(owner, level + 1, age(word, clock) << unitShift);
      }
    }
    return found;
  }

  /** Notes one holding; says whether it is new. */
  private boolean hold(long hash, int slot, long now) {
    long tag = tag(hash);
    int bucket = bucket(hash);
    int others = 0;
    int victim = bucket;
    double mostSpent = -1;
    for (int i = bucket; i < bucket + WAYS; i++) {
      long word = table.getOpaque(i);
      if (word == NOTHING) {
        if (mostSpent < Double.POSITIVE_INFINITY) {
          mostSpent = Double.POSITIVE_INFINITY;
          victim = i;
        }
        continue;
      }
      int owner = owner(word);
      long clock = owner == slot ? now : caches.clock(owner);
      long age = age(word, clock);
      long limit = limit(owner, clock);
      boolean believed = age <= limit;
      if (((word ^ tag) >>> TAG_SHIFT) == 0) {
        if (owner == slot && believed) {
          write(i, word, tag, slot, now);
          return false;
        }
        if (owner == slot) {
          mostSpent = Double.POSITIVE_INFINITY;
          victim = i; // its own word from before
          continue;
        }
        if (believed && (word & COMMON) != 0) {
          write(i, word, tag | COMMON, 0, clock);
          return false;
        }
        others += believed ? 1 : 0;
      }
      double spent = spent(age, limit);
      if (spent > mostSpent) {
        mostSpent = spent;
        victim = i;
      }
    }
    if (others >= PrefixHits.MAX_HOLDERS) {
      makeCommon(bucket, tag);
    } else {
      table.setOpaque(victim, tag | (long) slot << SLOT_SHIFT | stamp(now));
    }
    return true;
  }

  private void makeCommon(int bucket, long tag) {
    long common = tag | COMMON | stamp(caches.clock(caches.fleet()));
    for (int i = bucket; i < bucket + WAYS; i++) {
      long word = table.getOpaque(i);
      if (((word ^ tag) >>> TAG_SHIFT) == 0) {
        table.setOpaque(i, common);
        common = NOTHING;
      }
    }
  }

  private void write(int at, long before, long tag, int slot, long clock) {
    long word = tag | (long) slot << SLOT_SHIFT | stamp(clock);
    if (word != before) {
      table.setOpaque(at, word);
    }
  }

  /** How much of its endpoint's memory a holding has used up; what is not believed comes above. */
  private static double spent(long age, long limit) {
    if (age <= limit) {
      return age / (limit + 1.0);
    }
    return age > STAMP / 2 ? 0 : 2; // the upper half is a stamp that the clock has yet to reach
  }

  private int owner(long word) {
    return (word & COMMON) != 0 ? caches.fleet() : (int) (word >>> SLOT_SHIFT) & SLOT;
  }

  private long age(long word, long clock) {
    return ((clock >>> unitShift) - word) & STAMP;
  }

  private long limit(int owner, long clock) {
    return Math.min(entries, caches.horizon(owner, clock)) >> unitShift;
  }

  private long stamp(long clock) {
    return (clock >>> unitShift) & STAMP;
  }

  private int bucket(long hash) {
    return (int) hash & bucketMask;
  }

  /** The tag in its place; never all zero, so that no holding looks like an empty word. */
  private static long tag(long hash) {
    long tag = hash >>> TAG_SHIFT << TAG_SHIFT;
    return tag == 0 ? 1L << TAG_SHIFT : tag;
  }

  private static int blocks(InferenceRequest request) {
    return Math.min(request.prefixKeyCount(), MAX_BLOCKS);
  }
}
