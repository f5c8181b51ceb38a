package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.util.List;

/** The policies of published routers for inference. */
public final class InferencePolicies {
  private InferencePolicies() {}

  /** All of them, in the order in which tables show them. */
  public static List<Policy> all() {
    return List.of(
        new InferencePolicy(
            SglangCacheAware.NAME,
            SglangCacheAware.DESCRIPTION,
            Standing.RIVAL,
            SglangCacheAware::new),
        new InferencePolicy(
            LlmdScorers.NAME, LlmdScorers.DESCRIPTION, Standing.INFORMED_RIVAL, LlmdScorers::new),
        new InferencePolicy(
            LlmdSticky.NAME, LlmdSticky.DESCRIPTION, Standing.INFORMED_RIVAL, LlmdSticky::new),
        new InferencePolicy(
            DynamoKv.NAME, DynamoKv.DESCRIPTION, Standing.INFORMED_RIVAL, DynamoKv::new),
        new InferencePolicy(
            Lmetric.NAME, Lmetric.DESCRIPTION, Standing.INFORMED_RIVAL, Lmetric::new),
        new InferencePolicy(
            FlexlbShortestTtft.NAME,
            FlexlbShortestTtft.DESCRIPTION,
            Standing.INFORMED_RIVAL,
            FlexlbShortestTtft::new));
  }
}
