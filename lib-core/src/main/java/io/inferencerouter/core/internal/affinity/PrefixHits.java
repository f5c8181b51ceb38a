package io.inferencerouter.core.internal.affinity;

/**
 * What a lookup in a {@link PrefixIndex} has found for one request: the endpoints that hold the
 * longest parts of its prompt, and how much of it is common to many. To be reused, embedded or
 * extended; for one thread at a time.
 */
public class PrefixHits {
  /** How many endpoints are kept. */
  public static final int MAX_HOLDERS = 4;

  private static final int BLOCKS = 0xFFFF;

  // Slot (16 bits) | blocks (16 bits), the longest first; zero where there is none.
  private int first;
  private int second;
  private int third;
  private int fourth;
  private char common;
  private char total;

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
   * The slot of an endpoint that holds a part; the one with the longest part is at 0.
   *
   * @param index below {@link #holders}
   */
  public final int slot(int index) {
    return pair(index) >>> 16;
  }

  /**
   * How many blocks, from the start of the prompt, that endpoint holds; never more than were
   * recorded for it.
   *
   * @param index below {@link #holders}
   */
  public final int blocks(int index) {
    return pair(index) & BLOCKS;
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

  /** How many blocks an endpoint can be expected to hold: its own, and at least the common ones. */
  public final int blocksOn(int slot) {
    return Math.max(common, own(slot));
  }

  /**
   * The share of the request's input that an endpoint can be expected to skip, from 0 to below 1:
   * the blocks on it, among all whole blocks and half a block for the end of the prompt that fills
   * none. The input work left is the input work times what this share leaves of 1.
   */
  public final double cachedShare(int slot) {
    return blocksOn(slot) / (total + 0.5);
  }

  /** Whether nothing was found, so that every endpoint is as good as any other. */
  public final boolean isEmpty() {
    return (first | common) == 0;
  }

  final void reset(int totalBlocks) {
    first = 0;
    second = 0;
    third = 0;
    fourth = 0;
    common = 0;
    total = (char) totalBlocks;
  }

  final void offerCommon(int blocks) {
    common = (char) Math.max(common, blocks);
  }

  /** Notes that a slot holds so many blocks, unless it is known for more, or four others are. */
  final void offer(int slot, int blocks) {
    if (own(slot) >= blocks) {
      return;
    }
    drop(slot);
    int carried = slot << 16 | blocks;
    if (longer(carried, first)) {
      int next = first;
      first = carried;
      carried = next;
    }
    if (longer(carried, second)) {
      int next = second;
      second = carried;
      carried = next;
    }
    if (longer(carried, third)) {
      int next = third;
      third = carried;
      carried = next;
    }
    if (longer(carried, fourth)) {
      fourth = carried;
    }
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

  private void drop(int slot) {
    first = of(first, slot) == 0 ? first : 0;
    second = of(second, slot) == 0 ? second : 0;
    third = of(third, slot) == 0 ? third : 0;
    fourth = of(fourth, slot) == 0 ? fourth : 0;
  }

  private int pair(int index) {
    return switch (index) {
      case 0 -> first;
      case 1 -> second;
      case 2 -> third;
      case 3 -> fourth;
      default -> throw new IndexOutOfBoundsException("index: " + index + " (expected: 0 to 3)");
    };
  }

  private static int of(int pair, int slot) {
    return pair >>> 16 == slot ? pair & BLOCKS : 0;
  }

  private static boolean longer(int pair, int than) {
    return (pair & BLOCKS) > (than & BLOCKS);
  }

  private static int below(int pair, int blocks) {
    int held = pair & BLOCKS;
    return held < blocks ? held : 0;
  }
}
