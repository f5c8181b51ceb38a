package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.InferenceRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The endpoint with the fewest requests in flight in proportion to its weight, this request
 * included. Failures count as {@linkplain Failures further requests} for each unit of weight.
 */
final class LeastOutstandingRequestsSelector extends LowestScoreSelector {
  @Override
  double score(Candidates candidates, int index, double common) {
    return outstanding(candidates, index) + Failures.asRequests(candidates, index);
  }

  private static double outstanding(Candidates candidates, int index) {
    return (candidates.inFlight(index) + 1) / candidates.weight(index);
  }

  @Override
  public Map<String, Double> explain(InferenceRequest request, Candidates candidates, int index) {
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("requests per weight", outstanding(candidates, index));
    terms.put("failures", Failures.asRequests(candidates, index));
    return terms;
  }

  @Override
  public String toString() {
    return "weighted least outstanding requests";
  }
}
