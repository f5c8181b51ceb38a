package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The endpoint with the fewest requests in flight in proportion to its weight, this request
 * included. Ties are broken at random.
 *
 * <p>An endpoint that fails fast has nothing in flight. So its error level counts as further
 * requests: a full level as many as {@value #FULL_ERROR_LEVEL_REQUESTS} for each unit of weight.
 */
final class LeastOutstandingRequestsSelector implements EndpointSelector {
  private static final double FULL_ERROR_LEVEL_REQUESTS = 512;
  private static final double REQUESTS_PER_SQUARED_LEVEL =
      FULL_ERROR_LEVEL_REQUESTS / (Candidates.MAX_ERROR_LEVEL * Candidates.MAX_ERROR_LEVEL);

  @Override
  public int select(InferenceRequest request, Candidates candidates) {
    int size = candidates.size();
    if (Sampling.isLarge(size)) {
      LeastRequests sampled = new LeastRequests(candidates);
      int first = candidates.sample(0, Sampling.SAMPLES);
      int second = candidates.sample(1, Sampling.SAMPLES);
      int third = candidates.sample(2, Sampling.SAMPLES);
      int fourth = candidates.sample(3, Sampling.SAMPLES);
      for (int sample = 0; sample < Sampling.SAMPLES; sample++) {
        sampled.consider(first);
        first = second;
        second = third;
        third = fourth;
      }
      if (sampled.best != NONE) {
        return sampled.best;
      }
    }
    LeastRequests scanned = new LeastRequests(candidates);
    for (int index = 0; index < size; index++) {
      scanned.consider(index);
    }
    return scanned.best;
  }

  private static double outstanding(Candidates candidates, int index) {
    return (candidates.inFlight(index) + 1) / candidates.weight(index);
  }

  private static double failures(Candidates candidates, int index) {
    double level = candidates.errorLevel(index);
    return level == 0 ? 0 : level * level * REQUESTS_PER_SQUARED_LEVEL;
  }

  @Override
  public Map<String, Double> explain(InferenceRequest request, Candidates candidates, int index) {
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("requests per weight", outstanding(candidates, index));
    terms.put("failures", failures(candidates, index));
    return terms;
  }

  @Override
  public String toString() {
    return "weighted least outstanding requests";
  }

  /** The best of the candidates considered; lives on the stack of the caller. */
  private static final class LeastRequests {
    private final Candidates candidates;
    private int best = NONE;
    private double bestScore;
    private int ties;

    LeastRequests(Candidates candidates) {
      this.candidates = candidates;
    }

    void consider(int index) {
      if (!candidates.isAvailable(index)) {
        return;
      }
      double score = outstanding(candidates, index) + failures(candidates, index);
      if (best == NONE || score < bestScore) {
        best = index;
        bestScore = score;
        ties = 1;
      } else if (score == bestScore && index != best) {
        ties++;
        if (candidates.random(ties) == 0) { // each of k ties stays with probability 1/k
          best = index;
        }
      }
    }
  }
}
