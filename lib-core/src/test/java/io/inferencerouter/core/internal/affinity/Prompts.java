package io.inferencerouter.core.internal.affinity;

import io.inferencerouter.InferenceRequest;

/** Prompts as rows of chained keys. */
final class Prompts {
  private Prompts() {}

  /** The first blocks of a conversation that shares nothing with the others. */
  static InferenceRequest conversation(long id, int blocks) {
    return sharing(0, id, blocks);
  }

  /** The first blocks of a conversation that begins with so many blocks that all have. */
  static InferenceRequest sharing(int shared, long id, int blocks) {
    long[] keys = new long[blocks];
    for (int level = 0; level < blocks; level++) {
      keys[level] = key(shared, id, level);
    }
    return InferenceRequest.forModel("m").prefixKeys(keys).build();
  }

  /** The key of one block; it tells all blocks before it. */
  static long key(int shared, long id, int level) {
    return (level < shared ? -1 : id * 64 + shared) << 20 | level;
  }
}
