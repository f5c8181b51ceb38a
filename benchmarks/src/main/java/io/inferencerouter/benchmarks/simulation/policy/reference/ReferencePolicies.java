package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.policy.Policy;
import java.util.List;

/**
 * The clairvoyant policies; for each measure the best of them stands for what could be had. They
 * are greedy and therefore no bound.
 *
 * <p>All clients of a run take their balancers from the same policy, through which they know of
 * each other.
 */
public final class ReferencePolicies {
  /** How much more a millisecond before the first output counts in {@code oracle-share}. */
  static final double TTFT_WEIGHT = 3;

  private ReferencePolicies() {}

  /** New ones. */
  public static List<Policy> all() {
    return List.of(
        new OraclePolicy(
            "oracle-finish",
            "Clairvoyant and greedy: where the request finishes first",
            OracleScore::finishMillis),
        new OraclePolicy(
            "oracle-harm",
            "Clairvoyant and greedy: least finish plus the delay of all others there",
            score -> score.finishMillis() + score.harmMillis()),
        new OraclePolicy(
            "oracle-ttft",
            "Clairvoyant and greedy: where the request has its first output first",
            OracleScore::firstOutputMillis),
        new OraclePolicy(
            "oracle-share",
            "Clairvoyant and greedy: least finish plus delay of others, with the first output"
                + " counted three times",
            score ->
                (TTFT_WEIGHT - 1) * score.firstOutputMillis()
                    + score.finishMillis()
                    + score.harmMillis()),
        new OraclePolicy(
            "oracle-work",
            "Clairvoyant and greedy: least work left, priced by the endpoint's own coefficients",
            OracleScore::workMillis));
  }

  /** What they are called. */
  public static List<String> names() {
    return all().stream().map(Policy::name).toList();
  }
}
