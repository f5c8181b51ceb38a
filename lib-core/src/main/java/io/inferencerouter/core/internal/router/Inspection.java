package io.inferencerouter.core.internal.router;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.internal.state.CandidateSet;

/**
 * A decision that is looked at and never made: it moves no rotation on, and takes none of the time
 * in which decisions look at all candidates.
 */
final class Inspection extends Decision {
  private int weightedTurns;

  Inspection(
      CandidateSet candidates,
      InferenceRequest request,
      double inputWork,
      double outputWork,
      long nowNanos,
      long seed) {
    super(candidates, request, inputWork, outputWork, nowNanos, seed);
  }

  @Override
  public boolean mayLookAtAll() {
    return true;
  }

  @Override
  public int rotate() {
    return candidates.rotation().peek(candidates.size());
  }

  @Override
  public int rotateWeighted() {
    return candidates.peekWeighted(weightedTurns++);
  }
}
