package io.inferencerouter.core.internal.state;

import io.inferencerouter.Endpoint;
import io.inferencerouter.ServedModel;

/**
 * One endpoint as the server of one model: what a pick needs, gathered when the set of endpoints
 * changes, so that no pick looks anything up by name.
 */
public final class Candidate {
  /** The endpoint as declared. */
  public final Endpoint endpoint;

  /** Its living state. */
  public final EndpointState state;

  /** The model's version there; empty when not stated. */
  public final String modelVersion;

  /** How fast it serves the model. */
  public final ServiceRates rates;

  /** Seconds for loading the model first; 0 when it is resident. */
  public final double loadSeconds;

  /** The slot limit. */
  public final int slots;

  /** The declared weight. */
  public final double weight;

  Candidate(Member member, String modelVersion, ServiceRates rates, double loadSeconds) {
    this.endpoint = member.endpoint();
    this.state = member.state();
    this.modelVersion = modelVersion;
    this.rates = rates;
    this.loadSeconds = loadSeconds;
    this.slots = endpoint.maxConcurrency();
    this.weight = endpoint.weight();
  }

  static Candidate of(Member member, ServedModel model, ReferenceSpeed reference) {
    return new Candidate(
        member,
        model.version(),
        model.profile().map(ServiceRates::of).orElseGet(() -> reference.ratesOf(member.endpoint())),
        model.resident() ? 0 : model.loadTime().toNanos() * 1e-9);
  }

  static Candidate ofAnyModel(Member member, ReferenceSpeed reference) {
    return new Candidate(member, "", reference.ratesOf(member.endpoint()), 0);
  }
}
