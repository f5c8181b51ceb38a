package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import java.util.Map;

/** One endpoint after the other; one that is full passes its turn on to the next. */
final class RoundRobinSelector implements EndpointSelector {
  @Override
  public int select(InferenceRequest request, Candidates candidates) {
    int size = candidates.size();
    int turn = candidates.rotate();
    for (int i = 0; i < size; i++) {
      int index = turn + i < size ? turn + i : turn + i - size;
      if (candidates.isAvailable(index)) {
        return index;
      }
    }
    return NONE;
  }

  @Override
  public Map<String, Double> explain(InferenceRequest request, Candidates candidates, int index) {
    int ahead = index - candidates.rotate();
    return Map.of("turns ahead", (double) (ahead < 0 ? ahead + candidates.size() : ahead));
  }

  @Override
  public String toString() {
    return "round robin";
  }
}
