package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import java.util.Arrays;

/**
 * Blocks of inputs that are in memory. Those of running sequences stay; the others fill the memory
 * that running sequences leave free, and the ones used longest ago go first; of one input the last
 * block goes first.
 */
final class PrefixCache {
  private static final int NONE = -1;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final BlockTable table = new BlockTable();
  private long[] keys = new long[16];
  private int[] tokens = new int[16];
  private int[] holders = new int[16];
  private int[] newer = new int[16];
  private int[] older = new int[16];
  private int places;
  private int free = NONE;
  private int newest = NONE;
  private int oldest = NONE;
  private long idleTokens;

  /** How many blocks of an input are here, from the first one on. */
  int leading(Blocks blocks, long model) {
    int count = blocks.count();
    int hits = 0;
    while (hits < count && table.get(key(blocks.id(hits), model)) != BlockTable.ABSENT) {
      hits++;
    }
    return hits;
  }

  /** The tokens in the first blocks of an input. */
  static int tokens(int blocks, int input) {
    return (int) Math.min((long) blocks * Blocks.TOKENS, input);
  }

  /** Holds blocks of an input so that they stay; those that are not here come in. */
  void hold(Blocks blocks, int from, int to, int input, long model) {
    for (int i = from; i < to; i++) {
      long key = key(blocks.id(i), model);
      int place = table.get(key);
      if (place == BlockTable.ABSENT) {
        place = newPlace();
        keys[place] = key;
        tokens[place] = tokens(i + 1, input) - tokens(i, input);
        holders[place] = 1;
        table.put(key, place);
      } else if (holders[place]++ == 0) {
        unlink(place);
      }
    }
  }

  /**
   * Lets the first blocks of an input go.
   *
   * @param keep whether those that nobody else holds stay as long as there is room
   */
  void release(Blocks blocks, int count, long model, boolean keep) {
    for (int i = count - 1; i >= 0; i--) {
      int place = table.get(key(blocks.id(i), model));
      if (--holders[place] == 0) {
        if (keep) {
          linkNewest(place);
        } else {
          forget(place);
        }
      }
    }
  }

  /** Leaves not more tokens than that in blocks that nobody holds. */
  void trim(long room) {
    while (oldest != NONE && idleTokens > room) {
      int place = oldest;
      unlink(place);
      forget(place);
    }
  }

  void clear() {
    table.clear();
    places = 0;
    free = NONE;
    newest = NONE;
    oldest = NONE;
    idleTokens = 0;
  }

  /** The same block of two models is not the same; the upper half has to be well mixed. */
  private static long key(long id, long model) {
    long mixed = (id + model * GOLDEN) * 0xBF58476D1CE4E5B9L;
    return (mixed ^ (mixed >>> 32)) * 0x94D049BB133111EBL;
  }

  private int newPlace() {
    if (free != NONE) {
      int place = free;
      free = older[place];
      return place;
    }
    if (places == keys.length) {
      keys = Arrays.copyOf(keys, 2 * places);
      tokens = Arrays.copyOf(tokens, 2 * places);
      holders = Arrays.copyOf(holders, 2 * places);
      newer = Arrays.copyOf(newer, 2 * places);
      older = Arrays.copyOf(older, 2 * places);
    }
    return places++;
  }

  private void forget(int place) {
    table.remove(keys[place]);
    older[place] = free;
    free = place;
  }

  private void linkNewest(int place) {
    idleTokens += tokens[place];
    older[place] = newest;
    newer[place] = NONE;
    if (newest == NONE) {
      oldest = place;
    } else {
      newer[newest] = place;
    }
    newest = place;
  }

  private void unlink(int place) {
    idleTokens -= tokens[place];
    if (newer[place] == NONE) {
      newest = older[place];
    } else {
      older[newer[place]] = older[place];
    }
    if (older[place] == NONE) {
      oldest = newer[place];
    } else {
      newer[older[place]] = newer[place];
    }
  }
}
