package io.inferencerouter.core.internal.router;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.internal.state.OutstandingWork;
import java.util.Set;

/**
 * Whether an attempt that has not failed would fare better elsewhere.
 *
 * <p>Where another endpoint has room, it would. Otherwise it would have to wait for one: that is
 * worth it only if its own endpoint has been taken out of service. One that is merely slow may
 * answer before anybody else has room, and a place that is given up is gone.
 */
final class Elsewhere {
  private Elsewhere() {}

  /**
   * Whether an endpoint besides these has a slot: a first look, which costs next to nothing, so
   * that attempts without an answer can ask again and again. Whether it has the memory as well, is
   * found out by acquiring.
   *
   * @param tried the ids of the endpoints that are out of the question
   */
  static boolean hasRoom(Fleet fleet, InferenceRequest request, Set<String> tried) {
    if (hasRoom(Tiers.candidates(fleet, request, request.model()), tried)) {
      return true;
    }
    for (String fallback : request.fallbackModels()) {
      if (hasRoom(Tiers.candidates(fleet, request, fallback), tried)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasRoom(CandidateSet candidates, Set<String> tried) {
    for (int i = 0; i < candidates.size(); i++) {
      if (OutstandingWork.admits(candidates.work(i).admissionWord(), candidates.at(i).slots)
          && !tried.contains(candidates.at(i).endpoint.id())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether an attempt should leave its endpoint though it has to wait for another one.
   *
   * @param id the id of its endpoint
   * @param tried the ids of those to which it would not go, its own among them
   */
  static boolean isWorthWaiting(
      Fleet fleet, InferenceRequest request, String id, Set<String> tried) {
    Member own = fleet.member(id);
    boolean inService = own != null && own.isRoutable();
    return !inService && Tiers.hasOthers(fleet, request, tried);
  }
}
