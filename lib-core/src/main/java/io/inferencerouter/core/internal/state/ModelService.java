package io.inferencerouter.core.internal.state;

import io.inferencerouter.ModelSnapshot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint as the server of one model: how fast it is, declared at first and learned from what
 * it does, and whether the model is loaded. It outlives every change of the set of endpoints.
 *
 * <h2>What is learned</h2>
 *
 * <p>Its speed, which {@link LearnedSpeed} keeps with the evidence. Here is what a request says of
 * it. The first output of a stream tells the input rate, what follows tells the output rate. Where
 * an answer comes in one piece, the first output says nothing; then the whole time is compared with
 * the whole prediction, and both rates move by the same ratio. Such answers also teach the {@link
 * WorkShape}.
 *
 * <h2>Concurrency</h2>
 *
 * <p>That of {@link LearnedSpeed}. What follows from the evidence is published to the {@link
 * Candidate} that stands for the service in the newest set of endpoints.
 */
public final class ModelService extends LearnedSpeed {
  private static final float KNOWN = 64;
  private static final float WELL_KNOWN = 4096;

  /** Where a speed is known well, picks may read one that differs by this share. */
  private static final float TOLERANCE = 0x1p-10f;

  private volatile ServiceRates declared;
  private volatile @Nullable Candidate published;
  private volatile int lanes;
  private volatile float fixedUnits;
  private @Nullable WorkShape workShape;

  /** The residency of the model. */
  public final Residency residency;

  private final InputLimit inputLimit = new InputLimit();

  /** What its requests met of the work of others. */
  public final UnseenWork unseen = new UnseenWork();

  private volatile long agreedPlace;
  private volatile float unseenUnits;
  private volatile float outsidePrice;
  private volatile float inputOptimism = 1;
  private volatile float outputOptimism = 1;

  /** Whether requests go elsewhere; of whoever recalibrates. */
  final Avoidance avoidance = new Avoidance();

  ModelService(ServiceRates rates, double loadSeconds) {
    declared = rates;
    lanes = rates.parallelism();
    residency = new Residency(this, (float) loadSeconds);
    believe(rates);
  }

  /** Takes note of what is declared now; what has been learned stays. */
  void declare(ServiceRates rates, double loadSeconds) {
    if (!rates.equals(declared)) {
      if (rates.parallelism() != declared.parallelism()) {
        lanes = rates.parallelism();
        workShape = null;
      }
      believe(rates);
    }
    residency.declare((float) loadSeconds);
  }

  private void believe(ServiceRates rates) {
    declared = rates;
    overheadSeconds = (float) rates.overheadSeconds();
    publishShape();
    recalibrate(
        (float) rates.secondsPerInputUnit(),
        (float) rates.secondsPerOutputUnit(),
        (float) rates.concurrencyPenalty());
  }

  /** What is declared. */
  ServiceRates declared() {
    return declared;
  }

  /** Whether several inputs are read at the same time. */
  boolean readsSideBySide() {
    return declared.parallelism() > 1;
  }

  /** What is believed now. */
  ModelSnapshot snapshot(String model, String version) {
    return ModelSnapshot.builder(model, version)
        .secondsPerUnit(secondsPerInputUnit, secondsPerOutputUnit)
        .concurrencyPenalty(penalty)
        .observations(inputObservations(), outputObservations())
        .resident(residency.isResident())
        .loadTime(Duration.ofNanos((long) (residency.loadSeconds() * 1e9)))
        .build();
  }

  /**
   * Learns from a first output.
   *
   * @param seconds from the acquisition of the lease
   * @param work the input units that were ahead, and its own
   */
  public void firstOutput(double seconds, double work) {
    double reading = seconds - overheadSeconds;
    double alone = reading - secondsPerOutputUnit;
    observe((float) Math.max(alone, 0.1 * reading), (float) work, 0, 0);
    learned();
  }

  /**
   * Learns from the output of a stream.
   *
   * @param seconds from the first output to the last
   * @param units what was generated in that time
   * @param beside how many other requests ran beside it
   */
  public void stream(double seconds, double units, double beside) {
    if (!(units > 0 && seconds > 0)) {
      return;
    }
    observe(0, 0, (float) seconds, (float) (units * (1 + penalty * beside)));
    learned();
    observeRhythm((float) (seconds / units), (float) beside);
  }

  /**
   * Learns from an answer that came in one piece.
   *
   * @param seconds from the acquisition of the lease
   * @param work the input units that were ahead, and its own
   * @param units what was generated
   * @param beside how many other requests ran beside it
   */
  public void answer(double seconds, double work, double units, double beside) {
    double input = work * secondsPerInputUnit;
    double loaded = units * (1 + penalty * beside);
    double output = loaded * secondsPerOutputUnit;
    double ratio = (seconds - overheadSeconds) / (input + output);
    if (ratio > 0) {
      observe((float) (ratio * input), (float) work, (float) (ratio * output), (float) loaded);
    } else {
      observeNothing(); // as nothing was predicted, or all of it was overhead
    }
    learned();
  }

  private void learned() {
    if (inputOptimism == 1 && outputOptimism == 1) {
      publish();
    } else {
      tried();
    }
  }

  /** Ends a trial: one request is enough, others are to wait for what it shows. */
  public void tried() {
    optimism(1, 1);
  }

  /**
   * Has picks take it for faster than is believed, until it gets a request.
   *
   * @param input the factor on the time of an input unit, above 0, at most 1
   * @param output the same of an output unit
   */
  void optimism(float input, float output) {
    if (inputOptimism != input || outputOptimism != output) {
      inputOptimism = input;
      outputOptimism = output;
      publish();
    }
  }

  /**
   * Learns how many requests are worked on side by side, and what each takes however small it is,
   * from an answer that consists of nothing but the work on its input.
   *
   * @param seconds from the acquisition of the lease
   * @param units its own input units
   * @param reserved the work that was reserved before it, in units of its own
   * @param requests how many these were
   */
  public void answeredBeside(double seconds, double units, double reserved, int requests) {
    double unitsOfTime = (seconds - overheadSeconds) / secondsPerInputUnit;
    if (units > 0 && unitsOfTime > 0 && unitsOfTime < Float.MAX_VALUE) {
      WorkShape learned = workShape;
      if (learned == null) {
        learned = new WorkShape();
        workShape = learned;
      }
      learned.answered(unitsOfTime, units, reserved * units, requests, lanes, fixedUnits);
    }
  }

  boolean areLanesDeclared() {
    return declared.parallelism() > 1;
  }

  /** The evidence on lanes and fixed work, if there is any. */
  @Nullable WorkShape workShape() {
    return workShape;
  }

  /** How many requests are worked on side by side. */
  int lanes() {
    return lanes;
  }

  /** What each request takes however small it is, in input units. */
  float fixedUnits() {
    return fixedUnits;
  }

  /**
   * From now on this number of lanes is believed in.
   *
   * @param factor of the time that was observed to the time predicted with that number
   */
  void lanes(int lanes, float factor) {
    if (lanes != this.lanes) {
      this.lanes = lanes;
      rescale(factor);
    }
  }

  /**
   * From now on each request is believed to take so much however small it is.
   *
   * @param factor of the time that was observed to the time predicted with that
   */
  void fixedUnits(float units, float factor) {
    if (units != fixedUnits) {
      fixedUnits = units;
      rescale(factor);
    }
  }

  private void rescale(float factor) {
    rescaleInput(factor);
    publishShape();
    publish();
  }

  /** Learns that an input was taken. */
  void tookInput(double units) {
    inputLimit.took((float) units);
    publishLimit();
  }

  /** Learns that an input was refused that is larger than usual. */
  void refusedInput(double units) {
    inputLimit.refused((float) units);
    publishLimit();
  }

  private void publishLimit() {
    Candidate candidate = published;
    if (candidate != null) {
      candidate.publishLimit(inputLimit.taken(), inputLimit.refused());
    }
  }

  /** The size from which on inputs are refused; {@link InputLimit#NONE} if none were. */
  float refusedInput() {
    return inputLimit.refused();
  }

  /** Its place in an order of endpoints on which all routers agree. */
  long agreedPlace() {
    return agreedPlace;
  }

  /**
   * Takes note of what {@link SetAside} says of it.
   *
   * @param unseenUnits the work that is expected to be ahead of a request, beside what is known
   * @param outsidePrice what an exceptional input pays for being read here, in times of reading it
   */
  void setAside(float unseenUnits, float outsidePrice) {
    this.unseenUnits = unseenUnits;
    this.outsidePrice = outsidePrice;
    publishSetAside();
  }

  private void publishSetAside() {
    Candidate candidate = published;
    if (candidate != null) {
      candidate.publishSetAside(unseenUnits * secondsPerInputUnit, outsidePrice);
    }
  }

  /** Makes a candidate the one that picks read. */
  void publishTo(Candidate candidate) {
    published = candidate;
    agreedPlace = IdHash.mixed(IdHash.of(candidate.endpoint.id()));
    publishSetAside();
    publishShape();
    publishLimit();
    publish();
  }

  private void publishShape() {
    Candidate candidate = published;
    if (candidate != null) {
      candidate.publishShape(lanes, fixedUnits);
    }
  }

  /** Brings what picks read up to date. */
  void publish() {
    Candidate candidate = published;
    if (candidate != null) {
      float observations = Math.max(inputObservations(), outputObservations());
      float output = secondsPerOutputUnit * outputOptimism;
      candidate.publish(
          secondsPerInputUnit * inputOptimism,
          output,
          output * penalty,
          overheadSeconds + residency.pendingLoadSeconds(),
          requestsPerLesson(observations),
          observations > WELL_KNOWN ? TOLERANCE : 0);
      candidate.publishTrial(inputOptimism != 1 || outputOptimism != 1);
    }
  }

  /**
   * Where evidence is plenty, a few requests of all change little; and if it is plenty since many
   * requests come, few of them are many still.
   */
  private static int requestsPerLesson(float observations) {
    return observations <= KNOWN ? 1 : observations <= WELL_KNOWN ? 4 : 16;
  }

  /** Forgets a part of all evidence. */
  void keep(float share) {
    if (share == 1) {
      return; // nothing to write, and no observation to lose to it
    }
    fade(share);
    avoidance.fade(share);
    WorkShape learned = workShape;
    if (learned != null) {
      learned.fade(share);
    }
  }

  /** So much time has passed in which the router was not idle. */
  void age(double seconds) {
    inputLimit.age(seconds);
    publishLimit();
  }

  /** Moves what is believed without evidence, and the penalty. */
  void recalibrate(float inputPrior, float outputPrior, float penalty) {
    priors(inputPrior, outputPrior, penalty);
    publish();
  }
}
