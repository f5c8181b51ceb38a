package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import java.util.Map;

/** What the policies have in common that give each endpoint a share by its weight alone. */
final class Shares {
  /**
   * How many endpoints that are not available are met before the available ones are looked for. A
   * turn that meets one is passed over, and the next is drawn: so its share goes to all others, in
   * proportion to their weights, and not to a neighbour.
   */
  static final int MAX_PASSED_OVER = 16;

  private static final int STEPS = 1 << 30;

  private Shares() {}

  /** One of the available candidates at random, by weight; looks at all of them. */
  static int anyAvailable(Candidates candidates) {
    int chosen = EndpointSelector.NONE;
    double total = 0;
    for (int index = 0; index < candidates.size(); index++) {
      if (candidates.isAvailable(index)) {
        double weight = candidates.weight(index);
        total += weight;
        // Each stays with probability weight ÷ total of those so far.
        if (candidates.random(STEPS) * total < weight * STEPS) {
          chosen = index;
        }
      }
    }
    return chosen;
  }

  /** The total weight in units of one candidate's: one request in so many is for it. */
  static Map<String, Double> explain(Candidates candidates, int index) {
    double total = 0;
    for (int i = 0; i < candidates.size(); i++) {
      total += candidates.weight(i);
    }
    return Map.of("requests per turn", total / candidates.weight(index));
  }
}
