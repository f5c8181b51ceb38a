package io.inferencerouter.core.internal.state;

import io.inferencerouter.Endpoint;
import io.inferencerouter.ServedModel;

/**
 * One endpoint as the server of one model: what a pick needs, gathered when the set of endpoints
 * changes, so that no pick looks anything up by name or follows more than one reference.
 */
public final class Candidate {
  private static final double MICRO = 1e-6;

  /** The endpoint as declared. */
  public final Endpoint endpoint;

  /** Its living state. */
  public final EndpointState state;

  /** The outstanding work of {@link #state}. */
  public final OutstandingWork work;

  /** The model's version there; empty when not stated. */
  public final String modelVersion;

  /** The slot limit. */
  public final int slots;

  /** How many requests have their input processed at the same time. */
  public final int lanes;

  /** The declared weight. */
  public final double weight;

  /** Seconds of waiting for each microsecond of reserved input, when all lanes are taken. */
  public final float waitPerMicro;

  /** 1 if the endpoint stops everything that decodes while it reads an input, else 0. */
  public final float heldUp;

  /** The memory of the endpoint, in units of input and output; the largest number if unlimited. */
  public final long memoryBudget;

  /** Whether the model may have to be loaded before it can answer. */
  public final boolean loadable;

  /** How fast it serves the model, and whether it has it loaded. */
  public final ModelService service;

  private Candidate(Member member, String modelVersion, int lanes, ModelService service) {
    this.endpoint = member.endpoint();
    this.state = member.state();
    this.work = state.work;
    this.service = service;
    this.modelVersion = modelVersion;
    this.slots = endpoint.maxConcurrency();
    this.lanes = lanes;
    this.weight = endpoint.weight();
    this.waitPerMicro = (float) MICRO / lanes;
    this.heldUp = lanes == 1 ? 1 : 0;
    this.memoryBudget = endpoint.memoryBudget();
    this.loadable = service.residency.isLoadable();
  }

  static Candidate of(Member member, ServedModel model, ReferenceSpeed reference) {
    ServiceRates rates =
        model.profile().map(ServiceRates::of).orElseGet(() -> reference.ratesOf(member.endpoint()));
    double loadSeconds = model.resident() ? 0 : model.loadTime().toNanos() * 1e-9;
    return new Candidate(
        member,
        model.version(),
        rates.parallelism(),
        member.state().service(model.name(), model.version(), rates, loadSeconds));
  }

  static Candidate ofAnyModel(Member member, ReferenceSpeed reference) {
    ServiceRates rates = reference.ratesOf(member.endpoint());
    return new Candidate(member, "", rates.parallelism(), member.state().service("", "", rates, 0));
  }
}
