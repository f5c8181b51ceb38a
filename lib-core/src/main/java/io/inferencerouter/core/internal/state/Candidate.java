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
  public final double waitPerMicro;

  /** Seconds for loading the model first; 0 when it is resident. */
  public final double loadSeconds;

  /**
   * Seconds of every request before its input is looked at: fixed overhead, and loading the model.
   */
  public final double fixedSeconds;

  /** Seconds for each input unit. */
  public final double secondsPerInputUnit;

  /** Seconds by which each input unit holds up every request that decodes beside it. */
  public final double heldUpPerInputUnit;

  /** Seconds for each output unit of a request that runs alone. */
  public final double secondsPerOutputUnit;

  /** Seconds that each neighbour adds to an output unit. */
  public final double secondsPerNeighbour;

  private Candidate(Member member, String modelVersion, ServiceRates rates, double loadSeconds) {
    this.endpoint = member.endpoint();
    this.state = member.state();
    this.work = state.work;
    this.modelVersion = modelVersion;
    this.slots = endpoint.maxConcurrency();
    this.lanes = rates.parallelism();
    this.weight = endpoint.weight();
    this.waitPerMicro = MICRO / lanes;
    this.loadSeconds = loadSeconds;
    this.fixedSeconds = rates.overheadSeconds() + loadSeconds;
    this.secondsPerInputUnit = rates.secondsPerInputUnit();
    this.heldUpPerInputUnit = lanes == 1 ? secondsPerInputUnit : 0;
    this.secondsPerOutputUnit = rates.secondsPerOutputUnit();
    this.secondsPerNeighbour = secondsPerOutputUnit * rates.concurrencyPenalty();
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
