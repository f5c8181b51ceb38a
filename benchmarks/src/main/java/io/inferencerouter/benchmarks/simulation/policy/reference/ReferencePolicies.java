package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import java.util.List;
import java.util.function.ToDoubleFunction;

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
        policy(
            "oracle-finish",
            "Clairvoyant and greedy: where the request finishes first",
            OracleScore::finishMillis),
        policy(
            "oracle-harm",
            "Clairvoyant and greedy: least finish plus the delay of all others there",
            score -> score.finishMillis() + score.harmMillis()),
        policy(
            "oracle-ttft",
            "Clairvoyant and greedy: where the request has its first output first",
            OracleScore::firstOutputMillis),
        policy(
            "oracle-share",
            "Clairvoyant and greedy: least finish plus delay of others, with the first output"
                + " counted three times",
            score ->
                (TTFT_WEIGHT - 1) * score.firstOutputMillis()
                    + score.finishMillis()
                    + score.harmMillis()),
        policy(
            "oracle-work",
            "Clairvoyant and greedy: least work left, priced by the endpoint's own coefficients",
            OracleScore::workMillis));
  }

  private static Policy policy(
      String name, String description, ToDoubleFunction<OracleScore> score) {
    return policy(name, description, score, new SharedOutstanding());
  }

  static Policy policy(
      String name,
      String description,
      ToDoubleFunction<OracleScore> score,
      SharedOutstanding shared) {
    return new NamedPolicy(
        name,
        description,
        Policy.Standing.REFERENCE,
        client -> new OracleBalancer(client, score, shared::of));
  }

  /** What they are called. */
  public static List<String> names() {
    return all().stream().map(Policy::name).toList();
  }
}
