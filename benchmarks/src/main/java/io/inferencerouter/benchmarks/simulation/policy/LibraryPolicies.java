package io.inferencerouter.benchmarks.simulation.policy;

import io.inferencerouter.EndpointSelector;
import io.inferencerouter.core.selection.Selectors;
import java.util.List;
import java.util.function.Supplier;

/**
 * The router of this library, as it is embedded: each client has one, with the injected clock,
 * scheduler and randomness. It is told nothing of the endpoints but their addresses, and which
 * models and regions they serve.
 */
public final class LibraryPolicies {
  private LibraryPolicies() {}

  /** The default selector. */
  public static Policy byDefault() {
    return policy(
        "default", "This library, nothing configured: predicted time.", Selectors::predictedTime);
  }

  /** The default, and the library's other selectors that weigh work or load. */
  public static List<Policy> all() {
    return List.of(
        byDefault(),
        policy(
            "library-least-outstanding-work",
            "This library's weighted least outstanding work.",
            Selectors::leastOutstandingWork),
        policy(
            "library-least-outstanding-requests",
            "This library's weighted least outstanding requests.",
            Selectors::leastOutstandingRequests),
        policy("library-peak-ewma", "This library's peak EWMA.", Selectors::peakEwma),
        policy("library-session-hash", "This library's session hash.", Selectors::sessionHash));
  }

  private static Policy policy(
      String name, String description, Supplier<EndpointSelector> selector) {
    return new NamedPolicy(
        name,
        description,
        Policy.Standing.OURS,
        client -> new RouterBalancer(client, selector.get()));
  }
}
