package io.inferencerouter.core.internal.learning;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Means by key, learned in a fixed amount of memory: what comes in as a name of a model or a tenant
 * may be anything, and must not make the router grow.
 *
 * <p>A key has {@value #WAYS} places it can be in. When all are taken by others, the one with the
 * least standing makes room. Keys are hashes of 64 bits and are not checked any further; two that
 * are equal by accident share their evidence.
 *
 * <h2>Standing</h2>
 *
 * <p>The standing of a key is the sum of its weights, up to the window. Whenever a new key finds
 * its places taken, those that hold them lose one {@value #NEWCOMERS}th of their standing, though
 * nothing of their evidence. So the standing of a key of which nothing more is heard halves with
 * every {@value #HALVING} newcomers, and it gives way to keys of weight {@code w} after at most
 * {@value #HALVING} · log₂(window ÷ w) + {@value #HALVING} of them, whatever it once was. A key
 * that is heard of at least once for as many newcomers as {@value #KEEPING}, with as much weight as
 * theirs, keeps its place; only of those that all have the largest standing any may be the first to
 * go.
 *
 * <h2>Concurrency</h2>
 *
 * <p>Wait-free and allocation-free. A place is four words (key, evidence, mean, standing) that are
 * read and written one after the other in opaque mode, without a compare-and-set. A race can lose
 * an observation or a loss of standing, or credit one to a key that takes the place at that moment;
 * all are noise among the rest, as {@link Evidence} says.
 */
public final class EvidenceTable {
  private static final int WAYS = 4;

  /** A newcomer takes one part in so many from the standing of those that are in its places. */
  static final int NEWCOMERS = 16;

  /** After so many newcomers a standing has halved, at the latest. */
  static final int HALVING = 11;

  /** A key that is heard of once for so many newcomers stays. */
  static final int KEEPING = 8;

  // The words of a place.
  private static final int STRIDE = 4;
  private static final int EVIDENCE = 1;
  private static final int MEAN = 2;
  private static final int STANDING = 3;

  /** The key of two empty names, as 0 marks a free place. */
  private static final long EMPTY_NAMES = 0x9e37_79b9_7f4a_7c15L;

  /** Spreads a third name over all bits of a key. */
  private static final long THIRD_NAME = 0xff51_afd7_ed55_8ccdL;

  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] words;
  private final int mask;
  private final float priorWeight;
  private final float window;

  /**
   * An empty table.
   *
   * @param places how many keys there is room for; a power of two
   * @param priorWeight how much the prior of a mean weighs
   * @param window the sum of weights at which a key starts to forget: from there on, older evidence
   *     fades as new evidence comes
   */
  public EvidenceTable(int places, float priorWeight, float window) {
    if (Integer.bitCount(places) != 1 || places < WAYS) {
      throw new IllegalArgumentException("places: " + places + " (expected: a power of two, ≥ 4)");
    }
    words = new long[STRIDE * places];
    mask = places - 1;
    this.priorWeight = priorWeight;
    this.window = window;
  }

  /** A key for one or two names; never 0. */
  public static long key(String first, String second) {
    long key = (((long) first.hashCode() << 32) | (second.hashCode() & 0xffff_ffffL)) ^ EMPTY_NAMES;
    return key == 0 ? EMPTY_NAMES : key;
  }

  /** A key for up to three names; without the third, that of the first two. Never 0. */
  public static long key(String first, String second, String third) {
    long key = key(first, second) ^ (third.hashCode() * THIRD_NAME);
    return key == 0 ? THIRD_NAME : key;
  }

  /** The mean of a key; the prior if nothing is known. */
  public double mean(long key, double prior) {
    for (int way = 0; way < WAYS; way++) {
      int place = place(key, way);
      long holder = (long) WORDS.getOpaque(words, place);
      if (holder == key) {
        return Double.longBitsToDouble((long) WORDS.getOpaque(words, place + MEAN));
      }
      if (holder == 0) {
        return prior; // places are taken in order, and never given up but to another key
      }
    }
    return prior;
  }

  /**
   * Adds evidence.
   *
   * @param sum of what the mean is of
   * @param weight what the sum is to be divided by
   */
  public void add(long key, float sum, float weight, double prior) {
    int place = claim(key, prior);
    long before = (long) WORDS.getOpaque(words, place + EVIDENCE);
    float kept = Evidence.second(before) > window ? Math.max(0, 1 - weight / window) : 1;
    long after = Evidence.plus(kept == 1 ? before : Evidence.times(before, kept), sum, weight);
    WORDS.setOpaque(words, place + EVIDENCE, after);
    double mean =
        (Evidence.first(after) + priorWeight * prior) / (Evidence.second(after) + priorWeight);
    WORDS.setOpaque(words, place + MEAN, Double.doubleToRawLongBits(mean));
    standing(place, Math.min(window, standing(place) + weight));
  }

  private float standing(int place) {
    return Float.intBitsToFloat((int) (long) WORDS.getOpaque(words, place + STANDING));
  }

  private void standing(int place, float standing) {
    WORDS.setOpaque(words, place + STANDING, (long) Float.floatToRawIntBits(standing));
  }

  private int claim(long key, double prior) {
    int weakest = place(key, 0);
    float least = Float.POSITIVE_INFINITY;
    for (int way = 0; way < WAYS; way++) {
      int place = place(key, way);
      long holder = (long) WORDS.getOpaque(words, place);
      if (holder == key) {
        return place;
      }
      float standing = holder == 0 ? -1 : standing(place);
      if (standing < least) {
        least = standing;
        weakest = place;
      }
    }
    if (least >= 0) {
      standDown(key);
    }
    standing(weakest, 0);
    WORDS.setOpaque(words, weakest + EVIDENCE, Evidence.NONE);
    WORDS.setOpaque(words, weakest + MEAN, Double.doubleToRawLongBits(prior));
    WORDS.setOpaque(words, weakest, key);
    return weakest;
  }

  private void standDown(long key) {
    for (int way = 0; way < WAYS; way++) {
      int place = place(key, way);
      standing(place, standing(place) * (1 - 1f / NEWCOMERS));
    }
  }

  private int place(long key, int way) {
    return STRIDE * (((int) ((key * EMPTY_NAMES) >>> 32) + way) & mask);
  }
}
