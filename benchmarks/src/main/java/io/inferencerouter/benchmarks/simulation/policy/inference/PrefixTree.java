package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The inputs that one endpoint was sent, as a radix tree over their blocks, bounded by forgetting
 * the least recently used leaf.
 *
 * <p>A block's id names the whole prefix up to its end, so the tree needs no edges: it is the set
 * of its nodes. A path is touched from its leaf to its root, so that a node is never older than
 * those below it; the oldest node is therefore a leaf, and what is held is closed under prefixes.
 */
final class PrefixTree {
  private static final long MODEL_STRIDE = 0x9E3779B97F4A7C15L;

  private final Map<Long, Integer> nodes = new LinkedHashMap<>(16, 0.75f, true);
  private long capacityTokens = Long.MAX_VALUE;
  private long tokens;
  private long unshared = Long.MIN_VALUE;

  /** Bounds it: from now on what exceeds the bound is forgotten at each insertion. */
  void bound(long bound) {
    capacityTokens = bound;
    evict(bound);
  }

  /** The tokens in it. */
  long tokens() {
    return tokens;
  }

  /** The length of the longest prefix of an input that is in it, in tokens. */
  int matchedTokens(SimulatedRequest request) {
    Blocks blocks = request.blocks();
    int count = blocks.count();
    int matched = 0;
    while (matched < count && nodes.containsKey(node(request, matched))) {
      matched++;
    }
    return Math.min(request.inputTokens(), matched * Blocks.TOKENS);
  }

  /** Adds an input; one without blocks leaves no trace. */
  void insert(SimulatedRequest request) {
    Blocks blocks = request.blocks();
    for (int i = blocks.count() - 1; i >= 0; i--) {
      int size = size(request, i);
      Integer before = nodes.put(node(request, i), size);
      tokens += size - (before == null ? 0 : before);
    }
    evict(capacityTokens);
  }

  /** Adds an input that will never be matched: it only takes its place. */
  void insertUnshared(int size) {
    nodes.put(unshared++, size);
    tokens += size;
    evict(capacityTokens);
  }

  /** The node of a block; that of another model is another. */
  static long node(SimulatedRequest request, int block) {
    return request.blocks().id(block) + MODEL_STRIDE * request.model().hashCode();
  }

  /** The tokens of a block; the last may hold fewer. */
  static int size(SimulatedRequest request, int block) {
    return Math.min(Blocks.TOKENS, Math.max(1, request.inputTokens() - block * Blocks.TOKENS));
  }

  /** Forgets what was used least recently until a bound is kept. */
  void evict(long bound) {
    Iterator<Integer> oldest = nodes.values().iterator();
    while (tokens > bound && oldest.hasNext()) {
      tokens -= oldest.next();
      oldest.remove();
    }
  }
}
