package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import java.util.Map;

/**
 * Turns in proportion to the weights, spread evenly: {@link Candidates#rotateWeighted}.
 *
 * <p>An endpoint that is full loses its turn, and the next one is taken. What remains is the same
 * order without it, so that its share goes to all others in proportion to their weights. When
 * {@value Shares#MAX_PASSED_OVER} turns in a row are lost, one of the available endpoints is drawn
 * by weight.
 */
final class WeightedRoundRobinSelector implements EndpointSelector {
  @Override
  public int select(InferenceRequest request, Candidates candidates) {
    for (int turn = 0; turn < Shares.MAX_PASSED_OVER; turn++) {
      int index = candidates.rotateWeighted();
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
    return "smooth weighted round robin";
  }
}
