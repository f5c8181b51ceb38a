package io.inferencerouter.core.internal.router;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import java.util.Set;

/**
 * Whether an attempt that has not failed would fare better elsewhere.
 *
 * <p>Where another endpoint has room, it would. Otherwise it would have to wait for one: that is
 * worth it only if its own endpoint has been taken out of service. One that is merely slow may
 * answer before anybody else has room, and a place that is given up is gone.
 */
final class Elsewhere {
  private final Pipeline pipeline;

  Elsewhere(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * Whether an attempt should leave its endpoint.
   *
   * @param id the id of its endpoint
   * @param tried the ids of those to which it would not go, its own among them
   * @param mayWait whether it could wait for an endpoint to have room
   */
  boolean isBetter(
      Fleet fleet, InferenceRequest request, String id, Set<String> tried, boolean mayWait) {
    if (hasRoom(fleet, request, tried)) {
      return true;
    }
    Member own = fleet.member(id);
    boolean inService = own != null && own.isRoutable();
    return !inService && mayWait && Tiers.hasOthers(fleet, request, tried);
  }

  private boolean hasRoom(Fleet fleet, InferenceRequest request, Set<String> tried) {
    if (hasRoom(Tiers.candidates(fleet, request, request.model()), request, tried)) {
      return true;
    }
    for (String fallback : request.fallbackModels()) {
      if (hasRoom(Tiers.candidates(fleet, request, fallback), request, tried)) {
        return true;
      }
    }
    return false;
  }

  private boolean hasRoom(CandidateSet candidates, InferenceRequest request, Set<String> tried) {
    Inspection inspection = pipeline.inspect(candidates, request);
    for (int i = 0; i < inspection.size(); i++) {
      if (!tried.contains(inspection.endpoint(i).id()) && inspection.isAvailable(i)) {
        return true;
      }
    }
    return false;
  }
}
