package io.inferencerouter.core.internal.state;

import io.inferencerouter.Endpoint;
import io.inferencerouter.ServedModel;

/**
 * One endpoint as the server of one model: what a pick needs, gathered when the set of endpoints
 * changes, so that no pick looks anything up by name or follows more than one reference.
 *
 * <p>What is declared does not change. The speeds do: the {@link ModelService} behind the candidate
 * learns, and publishes here, as here is where picks look. They are written and read in plain mode:
 * a pick needs a recent value of each, and no order between them. What is learned are floats, but
 * what is added and multiplied here are doubles, so that no pick has to convert them. Should a
 * virtual machine write the halves of a double one by one, then the upper half decides: with any
 * lower half, a value differs by less than a millionth.
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

  /** Whether the endpoint has a budget of memory. */
  public final boolean budgeted;

  /** Whether the model may have to be loaded before it can answer. */
  public final boolean loadable;

  /** How fast it serves the model, and whether it has it loaded. */
  public final ModelService service;

  private int lanes;

  /** Of doubles: the bits are what one of two can be taken by without a branch. */
  private long waitPerMicroBits;

  private long waitPerMicroWithFreeLaneBits;
  private double secondsPerInputUnit;
  private double secondsPerOutputUnit;
  private double secondsPerNeighbour;
  private double fixedSeconds;
  private double fixedUnits;
  private float share = 1;
  private boolean conditional;

  /** Whether it is taken for faster than is believed. */
  private boolean onTrial;

  /** Whether it is known to refuse inputs that are too large. */
  private boolean limited;

  private float takenInput;
  private float refusedInput;
  private double unseenSeconds;
  private float outsidePrice;
  private int requestsPerLesson;

  private Candidate(Member member, String modelVersion, ModelService service) {
    this.endpoint = member.endpoint();
    this.state = member.state();
    this.work = state.work;
    this.service = service;
    this.modelVersion = modelVersion;
    this.slots = endpoint.maxConcurrency();
    this.budgeted = endpoint.memoryBudget() != Endpoint.UNLIMITED_MEMORY;
    this.conditional = budgeted;
    this.loadable = service.residency.isLoadable();
    service.publishTo(this);
  }

  /**
   * Takes over what the service has learned. All picks read what lies here, on whichever processor,
   * and each write makes all of them fetch it anew: so what has not moved is not written.
   *
   * @param tolerance the share of itself by which a speed may move unseen
   */
  void publish(
      float perInputUnit,
      float perOutputUnit,
      float perNeighbour,
      float fixed,
      int requestsPerLesson,
      float tolerance) {
    if (this.requestsPerLesson != requestsPerLesson) {
      this.requestsPerLesson = requestsPerLesson;
    }
    if (hasMoved(secondsPerInputUnit, perInputUnit, tolerance)) {
      secondsPerInputUnit = perInputUnit;
    }
    if (hasMoved(secondsPerOutputUnit, perOutputUnit, tolerance)) {
      secondsPerOutputUnit = perOutputUnit;
    }
    if (hasMoved(secondsPerNeighbour, perNeighbour, tolerance)) {
      secondsPerNeighbour = perNeighbour;
    }
    if (hasMoved(fixedSeconds, fixed, tolerance)) {
      fixedSeconds = fixed;
    }
  }

  private static boolean hasMoved(double published, float now, float tolerance) {
    return Math.abs(now - published) > published * tolerance;
  }

  /** Takes over how many inputs are read side by side, and what is read for each of them. */
  void publishShape(int lanes, float fixedUnits) {
    this.lanes = lanes;
    this.fixedUnits = fixedUnits;
    float waitPerMicro = (float) MICRO / lanes;
    waitPerMicroBits = Double.doubleToRawLongBits(waitPerMicro);
    waitPerMicroWithFreeLaneBits = Double.doubleToRawLongBits(waitPerMicro / lanes);
  }

  /** Takes over what has shown of the size of inputs. */
  void publishLimit(float taken, float refused) {
    if (takenInput != taken) {
      takenInput = taken;
    }
    if (refusedInput != refused) {
      refusedInput = refused;
    }
    boolean refuses = refused < InputLimit.NONE;
    if (limited != refuses) { // on its own: of two that publish, either may have set either
      limited = refuses;
    }
  }

  /** Takes over what follows from endpoints being set aside for exceptional inputs. */
  void publishSetAside(float unseen, float price) {
    if (unseenSeconds != unseen) {
      unseenSeconds = unseen;
    }
    if (outsidePrice != price) {
      outsidePrice = price;
    }
  }

  /** Takes note of whether what is published is faster than what is believed. */
  void publishTrial(boolean isTrial) {
    if (onTrial != isTrial) {
      onTrial = isTrial;
    }
  }

  /** Learns that an input was taken. */
  public void tookInput(double units) {
    if (units > takenInput || units >= refusedInput) {
      service.tookInput(units);
    }
  }

  /** Learns that an input was refused that is larger than usual. */
  public void refusedInput(double units) {
    service.refusedInput(units);
  }

  /** The size from which on inputs are refused, as far as that has shown; else a very large one. */
  public float refusedInput() {
    return refusedInput;
  }

  /** How many requests have their input processed at the same time. */
  public int lanes() {
    return lanes;
  }

  /** Seconds of waiting for each microsecond of reserved input, when all lanes are taken. */
  public double waitPerMicro() {
    return Double.longBitsToDouble(waitPerMicroBits);
  }

  /**
   * Seconds of waiting for each microsecond of reserved input.
   *
   * @param taken all ones if all lanes are taken, zero if one is free
   */
  public double waitPerMicro(long taken) {
    long free = waitPerMicroWithFreeLaneBits;
    return Double.longBitsToDouble(free ^ ((free ^ waitPerMicroBits) & taken));
  }

  /** Seconds for each input unit. */
  public double secondsPerInputUnit() {
    return secondsPerInputUnit;
  }

  /** Seconds for each output unit of a request that runs alone. */
  public double secondsPerOutputUnit() {
    return secondsPerOutputUnit;
  }

  /** Seconds that each neighbour adds to an output unit. */
  public double secondsPerNeighbour() {
    return secondsPerNeighbour;
  }

  /** Seconds of every request before its input is looked at: overhead, and loading the model. */
  public double fixedSeconds() {
    return fixedSeconds;
  }

  /** Seconds of the work of others that is expected to be ahead of a request. */
  public double unseenSeconds() {
    return unseenSeconds;
  }

  /**
   * What an exceptional input pays for being read here and not where others are, in times that
   * reading it takes.
   */
  public float outsidePrice() {
    return outsidePrice;
  }

  /** Work of every request before its input is looked at, in input units. */
  public double fixedUnits() {
    return fixedUnits;
  }

  /**
   * One in so many requests has to be looked at to stay up to date: each, until there is evidence
   * on the speed, then a sample. A power of two.
   */
  public int requestsPerLesson() {
    return requestsPerLesson;
  }

  /**
   * In which part of the decisions it may be chosen, above 0, at most 1: the slow start of the
   * endpoint, in proportion to that of the others in the set.
   */
  public float share() {
    return share;
  }

  /**
   * Whether more than an open endpoint and a free slot is needed: memory, a part in the decision,
   * or an input that is not too large.
   */
  @SuppressWarnings("ShortCircuitBoolean") // as both are known
  public boolean isConditional() {
    return conditional | limited;
  }

  /**
   * Whether it is taken for faster than is believed, so that somebody tries it. Who does has to
   * {@linkplain ModelService#tried() say so}.
   */
  public boolean isOnTrial() {
    return onTrial;
  }

  /** Takes note of a share. */
  void share(float share) {
    this.share = share;
    this.conditional = budgeted || share < 1;
  }

  static Candidate of(Member member, ServedModel model, ReferenceSpeed reference) {
    ServiceRates rates =
        model.profile().map(ServiceRates::of).orElseGet(() -> reference.ratesOf(member.endpoint()));
    double loadSeconds = model.resident() ? 0 : model.loadTime().toNanos() * 1e-9;
    return new Candidate(
        member,
        model.version(),
        member.state().service(model.name(), model.version(), rates, loadSeconds));
  }

  static Candidate ofAnyModel(Member member, ReferenceSpeed reference) {
    ServiceRates rates = reference.ratesOf(member.endpoint());
    return new Candidate(member, "", member.state().service("", "", rates, 0));
  }
}
