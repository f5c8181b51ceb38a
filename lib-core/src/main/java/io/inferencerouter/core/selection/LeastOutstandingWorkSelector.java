package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.InferenceRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The endpoint with the least outstanding work, this request included: the seconds reserved there
 * for input and output, and the seconds that this request would add.
 *
 * <h2>The weight</h2>
 *
 * <p>The seconds are those of the endpoint itself, so its hardware is in them. The weight is, too:
 * it is what the speed of an endpoint without a declared profile follows. So the sum is not divided
 * by the weight once more, which would count it twice. Beyond that, the weight says how often an
 * endpoint of a large set is looked at.
 *
 * <h2>What it does not see</h2>
 *
 * <p>All work counts alike, whether it stands in line or runs beside the rest: this is a measure of
 * load, not of the time until an answer.
 *
 * <h2>Failures</h2>
 *
 * <p>Failures count as {@linkplain Failures further requests} such as this one, each of at least
 * {@value #FAILURE_FLOOR_SECONDS} s, since an answer that never comes cannot be had quickly.
 */
final class LeastOutstandingWorkSelector extends LowestScoreSelector {
  private static final double FAILURE_FLOOR_SECONDS = 0.125;

  @Override
  double score(Candidates candidates, int index, double common) {
    double own = candidates.predictedInputSeconds(index) + candidates.predictedOutputSeconds(index);
    return candidates.reservedInputSeconds(index)
        + candidates.reservedOutputSeconds(index)
        + own
        + failures(candidates, index, own);
  }

  private static double failures(Candidates candidates, int index, double ownSeconds) {
    return Failures.asRequests(candidates, index) * Math.max(FAILURE_FLOOR_SECONDS, ownSeconds);
  }

  @Override
  public Map<String, Double> explain(InferenceRequest request, Candidates candidates, int index) {
    double input = candidates.predictedInputSeconds(index);
    double output = candidates.predictedOutputSeconds(index);
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("reserved input", candidates.reservedInputSeconds(index));
    terms.put("reserved output", candidates.reservedOutputSeconds(index));
    terms.put("input", input);
    terms.put("output", output);
    terms.put("failures", failures(candidates, index, input + output));
    return terms;
  }

  @Override
  public String scoreUnit() {
    return "s";
  }

  @Override
  public String toString() {
    return "weighted least outstanding work";
  }
}
