package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import java.util.Map;

/**
 * An endpoint at random, by weight. One that is full is drawn again; after {@value
 * Shares#MAX_PASSED_OVER} of them, one of the available ones is drawn.
 */
final class RandomSelector implements EndpointSelector {
  @Override
  public int select(InferenceRequest request, Candidates candidates) {
    for (int draw = 0; draw < Shares.MAX_PASSED_OVER; draw++) {
      int index = candidates.sample(0, 1);
      if (candidates.isAvailable(index)) {
        return index;
      }
    }
    return Shares.anyAvailable(candidates);
  }

  @Override
  public Map<String, Double> explain(InferenceRequest request, Candidates candidates, int index) {
    return Shares.explain(candidates, index);
  }

  @Override
  public String toString() {
    return "weighted random";
  }
}
