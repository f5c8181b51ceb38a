package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Arrays;

/**
 * The blocks of an input as a prefix cache names them: the same id in two requests means that they
 * begin alike, up to the end of that block. Immutable.
 */
public final class Blocks {
  /** Tokens in a block; the last block of an input may hold fewer. */
  public static final int TOKENS = 512;

  /** An input that shares nothing. */
  public static final Blocks NONE = new Blocks(new long[0]);

  private final long[] ids;

  private Blocks(long[] ids) {
    this.ids = ids;
  }

  /** Blocks with these ids. */
  public static Blocks of(long... ids) {
    return ids.length == 0 ? NONE : new Blocks(ids.clone());
  }

  /** How many there are. */
  public int count() {
    return ids.length;
  }

  /** The id of one, from 0. */
  public long id(int index) {
    return ids[index];
  }

  /** All ids, in a new array. */
  public long[] toArray() {
    return ids.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Blocks that && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }
}
