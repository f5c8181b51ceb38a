package io.inferencerouter.benchmarks.simulation.workload;

/**
 * How much of all input a prefix cache without bounds would know already: one cache for all, and
 * one at each of {@value #ENDPOINTS} endpoints that take turns. The difference is what there is to
 * win by routing to where a prefix is known. For one thread.
 *
 * <p>Only full blocks count, because engines keep no others.
 *
 * <p>A table with open addressing from a block to the endpoints that have seen it, because there
 * may be tens of millions.
 */
final class PrefixReuse {
  static final int ENDPOINTS = 8;

  private static final long SPREAD = 0x9e3779b97f4a7c15L;

  private long[] keys = new long[1024];

  /** A bit for each endpoint; 0 is a free place. */
  private byte[] seen = new byte[1024];

  private int size;
  private long requests;
  private long tokens;
  private long known;
  private long knownInTurn;

  void add(SimulatedRequest request) {
    Blocks blocks = request.blocks();
    byte endpoint = (byte) (1 << (requests++ % ENDPOINTS));
    boolean inRow = true;
    boolean inRowThere = true;
    int run = 0;
    int runThere = 0;
    for (int i = 0; i < blocks.count(); i++) {
      int place = place(blocks.id(i));
      inRow &= seen[place] != 0;
      inRowThere &= (seen[place] & endpoint) != 0;
      run += inRow ? 1 : 0;
      runThere += inRowThere ? 1 : 0;
      mark(place, blocks.id(i), endpoint);
    }
    tokens += request.inputTokens();
    int full = request.inputTokens() / Blocks.TOKENS;
    known += (long) Math.min(run, full) * Blocks.TOKENS;
    knownInTurn += (long) Math.min(runThere, full) * Blocks.TOKENS;
  }

  /** Share of all input tokens that one cache for all would know. */
  double share() {
    return tokens == 0 ? 0 : (double) known / tokens;
  }

  /** Share that is known when endpoints take turns. */
  double shareInTurn() {
    return tokens == 0 ? 0 : (double) knownInTurn / tokens;
  }

  private void mark(int place, long id, byte endpoint) {
    boolean fresh = seen[place] == 0;
    keys[place] = id;
    seen[place] |= endpoint;
    if (fresh && ++size > keys.length / 2) {
      grow();
    }
  }

  private int place(long id) {
    int mask = keys.length - 1;
    int place = (int) ((id * SPREAD) >>> 32) & mask;
    while (seen[place] != 0 && keys[place] != id) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private void grow() {
    long[] oldKeys = keys;
    byte[] oldSeen = seen;
    keys = new long[2 * oldKeys.length];
    seen = new byte[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldSeen[i] != 0) {
        int place = place(oldKeys[i]);
        keys[place] = oldKeys[i];
        seen[place] = oldSeen[i];
      }
    }
  }
}
