package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.InferenceRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The endpoint with the lowest product of {@linkplain Candidates#latencySeconds peak EWMA latency}
 * and requests in flight, this one included (Finagle's balancer of that name).
 *
 * <h2>Power of d choices</h2>
 *
 * <p>Latencies are old when they are known. Whoever always takes the best of all sends everything
 * to the endpoint that was fast last time, until it is slow: the herd. So only a sample is looked
 * at, in small sets too: half of the candidates, {@value #LEAST_SAMPLES} to {@value
 * Sampling#SAMPLES}, drawn by weight. The weight has no other part in the choice.
 *
 * <h2>Endpoints without a latency</h2>
 *
 * <p>Zero would draw all traffic to an endpoint that has just come, a large number would keep all
 * away. It is taken to be as fast as the mean of those in the sample that have been measured; if
 * none has, as predicted.
 *
 * <h2>Failures</h2>
 *
 * <p>Only successes are measured, so failing fast does not look fast. Failures count as {@linkplain
 * Failures further requests in flight}, each as long as the endpoint's own latency or that mean,
 * whichever is longer.
 */
final class PeakEwmaSelector extends LowestScoreSelector {
  private static final int LEAST_SAMPLES = 2;

  /** Never: whoever looks at all finds the one that has just been fast, and so do all others. */
  @Override
  boolean looksAtAllInTime() {
    return false;
  }

  @Override
  int samples(int size) {
    return Math.max(LEAST_SAMPLES, Math.min(Sampling.SAMPLES, size / 2));
  }

  @Override
  double common(Candidates candidates, int first, int second, int third, int fourth) {
    double a = candidates.latencySeconds(first);
    double b = candidates.latencySeconds(second);
    double c = candidates.latencySeconds(third);
    double d = candidates.latencySeconds(fourth);
    return mean(a + b + c + d, isKnown(a) + isKnown(b) + isKnown(c) + isKnown(d));
  }

  @Override
  double common(Candidates candidates) {
    double sum = 0;
    int known = 0;
    for (int index = 0; index < candidates.size(); index++) {
      double latency = candidates.latencySeconds(index);
      sum += latency;
      known += isKnown(latency);
    }
    return mean(sum, known);
  }

  private static int isKnown(double latency) {
    return latency > 0 ? 1 : 0;
  }

  private static double mean(double sum, int known) {
    return known == 0 ? 0 : sum / known;
  }

  @Override
  double score(Candidates candidates, int index, double meanLatency) {
    double latency = latency(candidates, index, meanLatency);
    return latency * (candidates.inFlight(index) + 1)
        + failures(candidates, index, latency, meanLatency);
  }

  private static double latency(Candidates candidates, int index, double mean) {
    double latency = candidates.latencySeconds(index);
    if (latency > 0) {
      return latency;
    }
    return mean > 0
        ? mean
        : candidates.predictedInputSeconds(index) + candidates.predictedOutputSeconds(index);
  }

  private static double failures(Candidates candidates, int index, double latency, double mean) {
    return Failures.asRequests(candidates, index) * Math.max(latency, mean);
  }

  @Override
  public Map<String, Double> explain(InferenceRequest request, Candidates candidates, int index) {
    double mean = common(candidates);
    double latency = latency(candidates, index, mean);
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("latency", latency);
    terms.put("in flight", latency * candidates.inFlight(index));
    terms.put("failures", failures(candidates, index, latency, mean));
    return terms;
  }

  @Override
  public String scoreUnit() {
    return "s";
  }

  @Override
  public String toString() {
    return "peak EWMA";
  }
}
