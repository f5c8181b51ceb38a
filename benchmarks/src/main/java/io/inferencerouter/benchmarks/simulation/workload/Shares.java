package io.inferencerouter.benchmarks.simulation.workload;

import java.util.HashMap;
import java.util.Map;

/** How often each name was seen; the empty name is none. For one thread. */
final class Shares {
  private final Map<String, Integer> counts = new HashMap<>();
  private long total;

  void add(String name) {
    total++;
    if (!name.isEmpty()) {
      counts.merge(name, 1, Integer::sum);
    }
  }

  int distinct() {
    return counts.size();
  }

  /** The share of all that the most frequent name has; 0 where there is none. */
  double top() {
    return total == 0 ? 0 : (double) most() / total;
  }

  int most() {
    return counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** How many times a name was seen, in the mean over names. */
  double mean() {
    return counts.isEmpty()
        ? 0
        : (double) counts.values().stream().mapToLong(Integer::longValue).sum() / counts.size();
  }
}
