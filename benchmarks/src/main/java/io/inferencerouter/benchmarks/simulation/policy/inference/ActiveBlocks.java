package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.HashMap;
import java.util.Map;

/** The blocks of inputs that requests are using, each counted once however many share it. */
final class ActiveBlocks {
  private final Map<Long, Block> blocks = new HashMap<>();
  private long tokens;

  /** The size of all of them, in tokens. */
  long tokens() {
    return tokens;
  }

  /** What the size would be with another input. */
  long tokensWith(SimulatedRequest request) {
    int count = request.blocks().count();
    int shared = 0;
    while (shared < count && blocks.containsKey(PrefixTree.node(request, shared))) {
      shared++;
    }
    return tokens + Math.max(0, request.inputTokens() - shared * Blocks.TOKENS);
  }

  void add(SimulatedRequest request) {
    int count = request.blocks().count();
    if (count == 0) {
      tokens += request.inputTokens();
    }
    for (int i = 0; i < count; i++) {
      Block block = blocks.get(PrefixTree.node(request, i));
      if (block == null) {
        block = new Block(PrefixTree.size(request, i));
        blocks.put(PrefixTree.node(request, i), block);
        tokens += block.tokens;
      }
      block.users++;
    }
  }

  /** Takes back what was added. */
  void remove(SimulatedRequest request) {
    int count = request.blocks().count();
    if (count == 0) {
      tokens -= request.inputTokens();
    }
    for (int i = 0; i < count; i++) {
      Block block = blocks.get(PrefixTree.node(request, i));
      if (block != null && --block.users == 0) {
        blocks.remove(PrefixTree.node(request, i));
        tokens -= block.tokens;
      }
    }
  }

  private static final class Block {
    private final int tokens;
    private int users;

    Block(int tokens) {
      this.tokens = tokens;
    }
  }
}
