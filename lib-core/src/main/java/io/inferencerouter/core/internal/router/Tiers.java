package io.inferencerouter.core.internal.router;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Fleet;
import java.util.Set;

/** The endpoints that may serve a request: those of its model, and of each of its fallbacks. */
final class Tiers {
  private Tiers() {}

  /** Whether any endpoint besides these may serve a request, or its fallback models. */
  static boolean hasOthers(Fleet fleet, InferenceRequest request, Set<String> ids) {
    if (hasOthers(candidates(fleet, request, request.model()), ids)) {
      return true;
    }
    for (String fallback : request.fallbackModels()) {
      if (hasOthers(candidates(fleet, request, fallback), ids)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasOthers(CandidateSet candidates, Set<String> ids) {
    for (int i = 0; i < candidates.size(); i++) {
      if (!ids.contains(candidates.at(i).endpoint.id())) {
        return true;
      }
    }
    return false;
  }

  /**
   * The candidates for a model under the restrictions of a request; a version binds only the model
   * it was named with.
   */
  static CandidateSet candidates(Fleet fleet, InferenceRequest request, String model) {
    String version = model.equals(request.model()) ? request.modelVersion() : "";
    return fleet.candidates(model, version, request.allowedRegions());
  }
}
