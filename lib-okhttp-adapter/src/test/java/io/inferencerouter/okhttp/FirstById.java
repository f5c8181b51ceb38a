package io.inferencerouter.okhttp;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;

/** Chooses the available endpoint whose id comes first. */
final class FirstById implements EndpointSelector {
  @Override
  public int select(InferenceRequest request, Candidates candidates) {
    int chosen = NONE;
    for (int i = 0; i < candidates.size(); i++) {
      if (candidates.isAvailable(i)
          && (chosen == NONE
              || candidates.endpoint(i).id().compareTo(candidates.endpoint(chosen).id()) < 0)) {
        chosen = i;
      }
    }
    return chosen;
  }
}
