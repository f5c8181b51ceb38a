package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.util.List;

/** The policies of published routers for inference. */
public final class InferencePolicies {
  private InferencePolicies() {}

  /** All of them, in the order in which tables show them. */
  public static List<Policy> all() {
    return List.of(
        new NamedPolicy(
            SglangCacheAware.NAME,
            SglangCacheAware.DESCRIPTION,
            Standing.RIVAL,
            SglangCacheAware::new),
        new NamedPolicy(
            LlmdScorers.NAME, LlmdScorers.DESCRIPTION, Standing.INFORMED_RIVAL, LlmdScorers::new),
        new NamedPolicy(
            LlmdSticky.NAME, LlmdSticky.DESCRIPTION, Standing.INFORMED_RIVAL, LlmdSticky::new),
        new NamedPolicy(
            DynamoKv.NAME, DynamoKv.DESCRIPTION, Standing.INFORMED_RIVAL, DynamoKv::new),
        new NamedPolicy(Lmetric.NAME, Lmetric.DESCRIPTION, Standing.INFORMED_RIVAL, Lmetric::new),
        new NamedPolicy(
            FlexlbShortestTtft.NAME,
            FlexlbShortestTtft.DESCRIPTION,
            Standing.INFORMED_RIVAL,
            FlexlbShortestTtft::new));
  }
}
