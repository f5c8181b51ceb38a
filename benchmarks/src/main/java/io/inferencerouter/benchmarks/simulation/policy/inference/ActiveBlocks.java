package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.workload.Blocks;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.HashMap;
import java.util.Map;

/** The blocks of inputs that requests are using, each counted once however many share it. */
final class ActiveBlocks {
  private final Map<Long, Integer> users = new HashMap<>();
  private long tokens;

  /** The size of all of them, in tokens. */
  long tokens() {
    return tokens;
  }

  /** What the size would be with another input. */
  long tokensWith(SimulatedRequest request) {
    int count = request.blocks().count();
    int shared = 0;
    while (shared < count && users.containsKey(PrefixTree.node(request, shared))) {
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
      if (users.merge(PrefixTree.node(request, i), 1, Integer::sum) == 1) {
        tokens += size(request, i);
      }
    }
  }

  void remove(SimulatedRequest request) {
    int count = request.blocks().count();
    if (count == 0) {
      tokens -= request.inputTokens();
    }
    for (int i = 0; i < count; i++) {
      if (users.merge(PrefixTree.node(request, i), -1, ActiveBlocks::sumOrNone) == null) {
        tokens -= size(request, i);
      }
    }
  }

  @SuppressWarnings("NullAway") // null from a merge function means that the entry goes
  private static Integer sumOrNone(Integer count, Integer change) {
    int sum = count + change;
    return sum == 0 ? null : sum;
  }

  private static int size(SimulatedRequest request, int block) {
    return Math.min(Blocks.TOKENS, Math.max(1, request.inputTokens() - block * Blocks.TOKENS));
  }
}
