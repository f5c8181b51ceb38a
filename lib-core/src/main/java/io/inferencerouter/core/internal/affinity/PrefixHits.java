package io.inferencerouter.core.internal.affinity;

import org.jspecify.annotations.Nullable;

/**
 * What a lookup in a {@link PrefixIndex} has found for one request: the endpoints that hold the
 * longest parts of its prompt, and how much of it is common to many. To be reused, embedded or
 * extended; for one thread at a time.
 */
public class PrefixHits {
  /** How many endpoints are kept. */
  public static final int MAX_HOLDERS = 4;

  private static final int SLOT_SHIFT = 48;
  private static final int BLOCKS_SHIFT = 32;
  private static final int BLOCKS = 0xFFFF;
  private static final int AGE = Integer.MAX_VALUE;

  // Slot (16 bits) | blocks (16 bits) | age (32 bits), the first before the second and so on; zero
  // where there is none.
  private long first;
  private long second;
  private long third;
  private long fourth;
  private char common;
  private char total;
  private @Nullable EndpointCaches caches;

  /** Nothing found yet. */
  public PrefixHits() {}

  /** How many endpoints are known to hold a part, 0 to {@value #MAX_HOLDERS}. */
  public final int holders() {
    return (first == 0 ? 0 : 1)
        + (second == 0 ? 0 : 1)
        + (third == 0 ? 0 : 1)
        + (fourth == 0 ? 0 : 1);
  }

  /**
   * The slot of an endpoint that holds a part; the one that can be expected to hold most is at 0.
   *
   * @param index below {@link #holders}
   */
  public final int slot(int index) {
    return slot(pair(index));
  }

  /**
   * How many blocks, from the start of the prompt, are noted for that endpoint; never more than
   * were recorded.
   *
   * @param index below {@link #holders}
   */
  public final int blocks(int index) {
    return blocks(pair(index));
  }

  /**
   * How many blocks from the start of the prompt are held by more endpoints than the index keeps
   * apart: a system prompt, say. They are no reason to prefer any endpoint.
   */
  public final int commonBlocks() {
    return common;
  }

  /** How many whole blocks the request has; 0 when it states no prefix keys. */
  public final int totalBlocks() {
    return total;
  }

  /** How many blocks are noted for an endpoint: its own, and at least the common ones. */
  public final int blocksOn(int slot) {
    return Math.max(common, own(slot));
  }

  /**
   * The share of the request's input that an endpoint can be expected to skip, from 0 to below 1:
   * the blocks on it, as far as it has kept them, among all whole blocks and half a block for the
   * end of the prompt that fills none. The input work left is the input work times what this share
   * leaves of 1.
   */
  public final double cachedShare(int slot) {
    return (common + expectedBeyondCommon(pairOf(slot))) / wholeInput();
  }

  /** How much more the first endpoint can be expected to skip than everybody, as a share. */
  public final double advantage() {
    return total == 0 ? 0 : expectedBeyondCommon(first) / total;
  }

  /**
   * Learns from what an endpoint reports.
   *
   * @param cachedShare the share of the input that came out of its cache
   */
  public final void learn(int slot, double cachedShare) {
    long pair = pairOf(slot);
    int beyond = blocks(pair) - common;
    if (caches != null && beyond > 0) {
      double found = (cachedShare * wholeInput() - common) / beyond;
      caches.learn(slot, age(pair), Math.max(0, Math.min(1, found)));
    }
  }

  private double wholeInput() {
    return total + 0.5;
  }

  /** Whether nothing was found, so that every endpoint is as good as any other. */
  public final boolean isEmpty() {
    return first == 0 && common == 0;
  }

  final void reset(int totalBlocks) {
    first = 0;
    second = 0;
    third = 0;
    fourth = 0;
    common = 0;
    total = (char) totalBlocks;
    caches = null;
  }

  final void offerCommon(int blocks) {
    common = (char) Math.max(common, blocks);
  }

  /**
   * Notes that a slot holds so many blocks, unless it is known for more, or four others are.
   *
   * @param age how many blocks have followed the last of them
   */
  final void offer(int slot, int blocks, long age) {
    if (own(slot) >= blocks) {
      return;
    }
    drop(slot);
    long carried = (long) slot << SLOT_SHIFT | (long) blocks << BLOCKS_SHIFT | Math.min(age, AGE);
    if (longer(carried, first)) {
      long next = first;
      first = carried;
      carried = next;
    }
    if (longer(carried, second)) {
      long next = second;
      second = carried;
      carried = next;
    }
    if (longer(carried, third)) {
      long next = third;
      third = carried;
      carried = next;
    }
    if (longer(carried, fourth)) {
      fourth = carried;
    }
  }

  /** Brings to the front who can be expected to hold most; of equals, who was noted for more. */
  final void rank(EndpointCaches caches) {
    this.caches = caches;
    if (second == 0) {
      return;
    }
    long most = more(more(more(first, second), third), fourth);
    fourth = most == fourth ? third : fourth;
    third = most == first || most == second ? third : second;
    second = most == first ? second : first;
    first = most;
  }

  private long more(long pair, long other) {
    return expectedBeyondCommon(other) > expectedBeyondCommon(pair) ? other : pair;
  }

  private double expectedBeyondCommon(long pair) {
    int beyond = blocks(pair) - common;
    if (beyond <= 0) {
      return 0;
    }
    return caches == null ? beyond : beyond * caches.kept(slot(pair), age(pair));
  }

  /** The blocks noted for a slot itself; 0 if none. */
  final int own(int slot) {
    return of(first, slot) | of(second, slot) | of(third, slot) | of(fourth, slot);
  }

  /** The longest part found that is shorter than {@code blocks}; 0 if none. */
  final int longestBelow(int blocks) {
    int longest = common < blocks ? common : 0;
    longest = Math.max(longest, below(first, blocks));
    longest = Math.max(longest, below(second, blocks));
    longest = Math.max(longest, below(third, blocks));
    return Math.max(longest, below(fourth, blocks));
  }

  /** What is noted for a slot itself; 0 if nothing. */
  private long pairOf(int slot) {
    if (of(first, slot) != 0) {
      return first;
    }
    if (of(second, slot) != 0) {
      return second;
    }
    return of(third, slot) != 0 ? third : of(fourth, slot) != 0 ? fourth : 0;
  }

  private void drop(int slot) {
    first = of(first, slot) == 0 ? first : 0;
    second = of(second, slot) == 0 ? second : 0;
    third = of(third, slot) == 0 ? third : 0;
    fourth = of(fourth, slot) == 0 ? fourth : 0;
  }

  private long pair(int index) {
    return switch (index) {
      case 0 -> first;
      case 1 -> second;
      case 2 -> third;
      case 3 -> fourth;
      default -> throw new IndexOutOfBoundsException("index: " + index + " (expected: 0 to 3)");
    };
  }

  private static int of(long pair, int slot) {
    return slot(pair) == slot ? blocks(pair) : 0;
  }

  private static int slot(long pair) {
    return (int) (pair >>> SLOT_SHIFT);
  }

  private static int blocks(long pair) {
    return (int) (pair >>> BLOCKS_SHIFT) & BLOCKS;
  }

  private static long age(long pair) {
    return pair & AGE;
  }

  private static boolean longer(long pair, long than) {
    return blocks(pair) > blocks(than);
  }

  private static int below(long pair, int blocks) {
    int held = blocks(pair);
    return held < blocks ? held : 0;
  }
}
