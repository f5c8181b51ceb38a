package io.inferencerouter.core.internal.affinity;

import java.util.Objects;

/**
 * What a lookup in a {@link PrefixIndex} has found for one request: the endpoints that hold the
 * longest parts of its prompt, and how much of it is common to many. To be reused, embedded or
 * extended; for one thread at a time.
 */
public class PrefixHits {
  /** How many endpoints are kept. */
  public static final int MAX_HOLDERS = 4;

  // A holder: slot (16 bits) | blocks (16 bits) | age (8 bits, see shortAge); zero if there is
  // none.
  private static final int SLOT_SHIFT = 24;
  private static final int BLOCKS_SHIFT = 8;
  private static final int BLOCKS = 0xFFFF;
  private static final int AGE_BITS = 8;
  private static final int AGE = (1 << AGE_BITS) - 1;
  private static final int AGE_IN_FLOAT = 20;
  private static final int ONE = Float.floatToRawIntBits(1) >>> AGE_IN_FLOAT;

  // Holders without their ages, the first before the second and so on, and the ages of all.
  private int first;
  private int second;
  private int third;
  private int fourth;
  private int ages;
  private char common;
  private char total;

  /** Nothing found yet. */
  public PrefixHits() {}

  /** How many endpoints are known to hold a part, 0 to {@value #MAX_HOLDERS}. */
  public final int holders() {
    int holders = 0;
    for (int index = 0; index < MAX_HOLDERS; index++) {
      holders += holder(index) == 0 ? 0 : 1;
    }
    return holders;
  }

  /**
   * The slot of an endpoint that holds a part; the one that can be expected to hold most is at 0.
   *
   * @param index below {@link #holders}
   */
  public final int slot(int index) {
    return slot(checked(index));
  }

  /**
   * How many blocks, from the start of the prompt, are noted for that endpoint; never more than
   * were recorded.
   *
   * @param index below {@link #holders}
   */
  public final int blocks(int index) {
    return blocks(checked(index));
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
   *
   * @param caches which say what is kept
   */
  public final double cachedShare(int slot, EndpointCaches caches) {
    return (common + expectedBeyondCommon(holderOf(slot), caches)) / wholeInput();
  }

  /**
   * How much more the first endpoint can be expected to skip than everybody, as a share.
   *
   * @param caches which say what is kept
   */
  public final double advantage(EndpointCaches caches) {
    return total == 0 ? 0 : expectedBeyondCommon(holder(0), caches) / total;
  }

  /**
   * Has caches learn from what an endpoint reports.
   *
   * @param cachedShare the share of the input that came out of its cache
   */
  public final void teach(EndpointCaches caches, int slot, double cachedShare) {
    long holder = holderOf(slot);
    int beyond = blocks(holder) - common;
    if (beyond > 0) {
      double found = (cachedShare * wholeInput() - common) / beyond;
      caches.learn(slot, age(holder), Math.max(0, Math.min(1, found)));
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
    ages = 0;
    common = 0;
    total = (char) totalBlocks;
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
    long carried = (long) slot << SLOT_SHIFT | (long) blocks << BLOCKS_SHIFT | shortAge(age);
    for (int index = 0; index < MAX_HOLDERS; index++) {
      long here = holder(index);
      if (blocks(carried) > blocks(here)) {
        put(index, carried);
        carried = here;
      }
    }
  }

  private void drop(int slot) {
    for (int index = 0; index < MAX_HOLDERS; index++) {
      if (slot(holder(index)) == slot) {
        put(index, 0);
      }
    }
  }

  /** Brings to the front who can be expected to hold most; of equals, who was noted for more. */
  final void rank(EndpointCaches caches) {
    if (second == 0) {
      return;
    }
    int best = 0;
    double most = expectedBeyondCommon(holder(0), caches);
    for (int index = 1; index < MAX_HOLDERS && holder(index) != 0; index++) {
      double expected = expectedBeyondCommon(holder(index), caches);
      if (expected > most) {
        best = index;
        most = expected;
      }
    }
    long front = holder(best);
    for (int index = best; index > 0; index--) {
      put(index, holder(index - 1));
    }
    put(0, front);
  }

  private double expectedBeyondCommon(long holder, EndpointCaches caches) {
    int beyond = blocks(holder) - common;
    return beyond <= 0 ? 0 : beyond * caches.kept(slot(holder), age(holder));
  }

  /** The blocks noted for a slot itself; 0 if none. */
  final int own(int slot) {
    return blocks(holderOf(slot));
  }

  /** The longest part found that is shorter than {@code blocks}; 0 if none. */
  final int longestBelow(int blocks) {
    int longest = common < blocks ? common : 0;
    for (int index = 0; index < MAX_HOLDERS; index++) {
      int held = blocks(holder(index));
      longest = held < blocks ? Math.max(longest, held) : longest;
    }
    return longest;
  }

  /** What is noted for a slot itself; 0 if nothing. */
  private long holderOf(int slot) {
    for (int index = 0; index < MAX_HOLDERS; index++) {
      long holder = holder(index);
      if (slot(holder) == slot && holder != 0) {
        return holder;
      }
    }
    return 0;
  }

  private long checked(int index) {
    return holder(Objects.checkIndex(index, MAX_HOLDERS));
  }

  private long holder(int index) {
    int holder =
        switch (index) {
          case 0 -> first;
          case 1 -> second;
          case 2 -> third;
          default -> fourth;
        };
    return (holder & 0xFFFF_FFFFL) << AGE_BITS | ((ages >>> (index * AGE_BITS)) & AGE);
  }

  private void put(int index, long holder) {
    int withoutAge = (int) (holder >>> AGE_BITS);
    switch (index) {
      case 0 -> first = withoutAge;
      case 1 -> second = withoutAge;
      case 2 -> third = withoutAge;
      default -> fourth = withoutAge;
    }
    int shift = index * AGE_BITS;
    ages = (ages & ~(AGE << shift)) | (int) (holder & AGE) << shift;
  }

  private static int slot(long holder) {
    return (int) (holder >>> SLOT_SHIFT);
  }

  private static int blocks(long holder) {
    return (int) (holder >>> BLOCKS_SHIFT) & BLOCKS;
  }

  /** The upper bits of a float, less those of 1: at least 1, and less by at most an eighth. */
  private static int shortAge(long age) {
    float bounded = Math.min(Math.max(1, age), Integer.MAX_VALUE / 2);
    return (Float.floatToRawIntBits(bounded) >>> AGE_IN_FLOAT) - ONE;
  }

  private static long age(long holder) {
    return (long) Float.intBitsToFloat((int) ((holder & AGE) + ONE) << AGE_IN_FLOAT);
  }
}
