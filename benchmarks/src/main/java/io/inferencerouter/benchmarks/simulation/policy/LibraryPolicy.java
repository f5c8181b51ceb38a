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
public final class LibraryPolicy implements Policy {
  private final String name;
  private final String description;
  private final Supplier<EndpointSelector> selector;

  private LibraryPolicy(String name, String description, Supplier<EndpointSelector> selector) {
    this.name = name;
    this.description = description;
    this.selector = selector;
  }

  /** The default selector. */
  public static Policy byDefault() {
    return new LibraryPolicy(
        "default", "This library, nothing configured: predicted time.", Selectors::predictedTime);
  }

  /** The default, and the library's other selectors that weigh work or load. */
  public static List<Policy> all() {
    return List.of(
        byDefault(),
        new LibraryPolicy(
            "library-least-outstanding-work",
            "This library's weighted least outstanding work.",
            Selectors::leastOutstandingWork),
        new LibraryPolicy(
            "library-least-outstanding-requests",
            "This library's weighted least outstanding requests.",
            Selectors::leastOutstandingRequests),
        new LibraryPolicy("library-peak-ewma", "This library's peak EWMA.", Selectors::peakEwma),
        new LibraryPolicy(
            "library-session-hash", "This library's session hash.", Selectors::sessionHash));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Standing standing() {
    return Standing.OURS;
  }

  @Override
  public Balancer balancer(Client client) {
    return new RouterBalancer(client, selector.get());
  }
}
