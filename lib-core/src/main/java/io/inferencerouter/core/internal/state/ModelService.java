package io.inferencerouter.core.internal.state;

import io.inferencerouter.ModelSnapshot;
import io.inferencerouter.core.internal.learning.Evidence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Keeps what follows off the cache line of whatever the allocator has placed before. */
@SuppressWarnings("unused")
abstract class ServicePadding {
  private long unused00, unused01, unused02, unused03, unused04, unused05, unused06, unused07;
}

/** What requests teach, close together. */
abstract class ServiceWords extends ServicePadding {
  long input;
  long output;
  long counts;

  float secondsPerInputUnit;
  float secondsPerOutputUnit;
  float inputPrior;
  float outputPrior;
  float penalty;
  float overheadSeconds;
}

/** Keeps what follows off the cache line of the words. */
@SuppressWarnings("unused")
abstract class ServiceWordsPadded extends ServiceWords {
  long neighbours;
  long rhythm;

  private long unused00, unused01, unused02, unused03, unused04, unused05, unused06, unused07;
}

/**
 * One endpoint as the server of one model: how fast it is, declared at first and learned from what
 * it does, and whether the model is loaded. It outlives every change of the set of endpoints.
 *
 * <h2>What is learned</h2>
 *
 * <p>Two rates, since hardware differs in them independently: <em>seconds per input unit</em>, from
 * the time to the first output, and <em>seconds per output unit</em> of a request that runs alone,
 * from the time after it. Both are ratios of sums:
 *
 * <pre>
 *   input  = Σ time to the first output  ÷  Σ (work that was ahead + own work)
 *   output = Σ time after it             ÷  Σ output · (1 + penalty · neighbours)
 * </pre>
 *
 * <p>The work ahead is part of the divisor, so an endpoint is not called slow because it was busy,
 * and own work is part of it, so it is not called slow because it got the long prompts. Where an
 * answer comes in one piece, the first output says nothing; then the whole time is compared with
 * the whole prediction, and both rates move by the same ratio.
 *
 * <h2>Trust</h2>
 *
 * <p>An estimate is the mean of what was seen and of a prior, which counts as {@value
 * #PRIOR_OBSERVATIONS} observations. A single observation counts for at most {@value #MAX_SURPRISE}
 * times its prediction, and all of them together move a rate by at most {@value #MAX_FACTOR} times
 * from the prior. Evidence fades with time, and faster where there is none; see {@link
 * Recalibration}, which also moves the priors.
 *
 * <h2>Concurrency</h2>
 *
 * <p>The words of evidence are read and written in opaque mode without a compare-and-set; {@link
 * Evidence} says why a lost observation is no harm. What follows from them is published to the
 * {@link Candidate} that stands for the service in the newest set of endpoints.
 */
public final class ModelService extends ServiceWordsPadded {
  private static final float PRIOR_OBSERVATIONS = 0.5f;
  private static final float MAX_SURPRISE = 8;
  private static final float KNOWN = 64;
  private static final float WELL_KNOWN = 4096;
  private static final float NEW = 64;
  private static final float MAX_FACTOR = 1000;
  private static final float SOME = 4;

  private static final VarHandle INPUT = word(ServiceWords.class, "input");
  private static final VarHandle OUTPUT = word(ServiceWords.class, "output");
  private static final VarHandle COUNTS = word(ServiceWords.class, "counts");
  private static final VarHandle NEIGHBOURS = word(ServiceWordsPadded.class, "neighbours");
  private static final VarHandle RHYTHM = word(ServiceWordsPadded.class, "rhythm");

  private static VarHandle word(Class<?> type, String name) {
    try {
      return MethodHandles.lookup().findVarHandle(type, name, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile ServiceRates declared;
  private volatile @Nullable Candidate published;
  private volatile float observationsThen;
  private int roundsUnvisited; // of whoever recalibrates
  private int roundsOfDoubt; // likewise
  private final RateShift inputShift = new RateShift();
  private final RateShift outputShift = new RateShift();
  private volatile int lanes;
  private volatile float fixedUnits;
  private @Nullable WorkShape workShape;

  /** The residency of the model. */
  public final Residency residency;

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

  /** Seconds for each input unit. */
  public float secondsPerInputUnit() {
    return secondsPerInputUnit;
  }

  /** Seconds for each output unit of a request that runs alone. */
  public float secondsPerOutputUnit() {
    return secondsPerOutputUnit;
  }

  /** By which share of itself an output unit gets slower with each neighbour. */
  float penalty() {
    return penalty;
  }

  /** Whether hardly anything has been learned of the time of an output unit. */
  public boolean isOutputNew() {
    return outputObservations() < NEW;
  }

  /** How many observations of the input rate there are, faded ones counted in part. */
  public float inputObservations() {
    return Evidence.first((long) COUNTS.getOpaque(this));
  }

  /** How many observations of the output rate there are, faded ones counted in part. */
  public float outputObservations() {
    return Evidence.second((long) COUNTS.getOpaque(this));
  }

  /** Whether anything is left of what was observed. */
  boolean isObserved() {
    return inputObservations() > 0 || outputObservations() > 0;
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
    float step = (float) (seconds / units);
    float x = (float) beside;
    NEIGHBOURS.setOpaque(this, Evidence.plus((long) NEIGHBOURS.getOpaque(this), x, x * x));
    RHYTHM.setOpaque(this, Evidence.plus((long) RHYTHM.getOpaque(this), step, step * x));
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
      nothingLearned();
    }
  }

  /**
   * Counts an answer that says nothing of the speed, as nothing was predicted, or all of it was
   * overhead: many of them are no reason to look at each.
   */
  private void nothingLearned() {
    COUNTS.setOpaque(this, Evidence.plus((long) COUNTS.getOpaque(this), 1, 0));
    publish();
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

  /**
   * What was learned of the speed was learned with other predictions. So it counts as no more than
   * some observations, and fewer than these, which go by the sizes they happened to be of, do not
   * count at all.
   */
  private void rescale(float factor) {
    long counts = (long) COUNTS.getOpaque(this);
    float inputs = Evidence.first(counts);
    float left = inputs < SOME ? 0 : SOME;
    long input = (long) INPUT.getOpaque(this);
    float share = left / Math.max(SOME, inputs);
    input = Evidence.of(Evidence.first(input) * factor * share, Evidence.second(input) * share);
    counts = Evidence.of(left, Evidence.second(counts));
    INPUT.setOpaque(this, input);
    COUNTS.setOpaque(this, counts);
    inputPrior *= factor;
    estimateInput(input, counts);
    publishShape();
    publish();
  }

  private void observe(float inputTime, float work, float outputTime, float loaded) {
    float inputExpected = work * secondsPerInputUnit;
    float outputExpected = loaded * secondsPerOutputUnit;
    boolean isInput = inputTime > 0 && inputExpected > 0 && inputExpected < Float.MAX_VALUE;
    boolean isOutput = outputTime > 0 && outputExpected > 0 && outputExpected < Float.MAX_VALUE;
    long counts = (long) COUNTS.getOpaque(this);
    counts = Evidence.plus(counts, isInput ? 1 : 0, isOutput ? 1 : 0);
    COUNTS.setOpaque(this, counts);
    if (isInput) {
      float seen = believable(inputTime, inputExpected);
      long evidence = Evidence.plus((long) INPUT.getOpaque(this), seen, work);
      INPUT.setOpaque(this, evidence);
      estimateInput(evidence, counts);
    }
    if (isOutput) {
      float seen = believable(outputTime, outputExpected);
      long evidence = Evidence.plus((long) OUTPUT.getOpaque(this), seen, loaded);
      OUTPUT.setOpaque(this, evidence);
      estimateOutput(evidence, counts);
    }
    publish();
  }

  private static float believable(float seconds, float expected) {
    return Math.min(expected * MAX_SURPRISE, Math.max(expected * (1 / MAX_SURPRISE), seconds));
  }

  /** Makes a candidate the one that picks read. */
  void publishTo(Candidate candidate) {
    published = candidate;
    publishShape();
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
      candidate.publish(
          secondsPerInputUnit,
          secondsPerOutputUnit,
          secondsPerOutputUnit * penalty,
          overheadSeconds + residency.pendingLoadSeconds(),
          requestsPerLesson());
    }
  }

  /**
   * Evidence of the last minutes that is plenty also says that many requests come, and so that few
   * of them are many still.
   */
  private int requestsPerLesson() {
    float observations = Math.max(inputObservations(), outputObservations());
    return observations <= KNOWN ? 1 : observations <= WELL_KNOWN ? 4 : 16;
  }

  private void estimateInput(long evidence, long counts) {
    secondsPerInputUnit =
        bounded(estimate(evidence, Evidence.first(counts), inputPrior), inputPrior);
  }

  private void estimateOutput(long evidence, long counts) {
    secondsPerOutputUnit =
        bounded(estimate(evidence, Evidence.second(counts), outputPrior), outputPrior);
  }

  private static float bounded(float estimate, float prior) {
    return Math.min(prior * MAX_FACTOR, Math.max(prior * (1 / MAX_FACTOR), estimate));
  }

  /** The mean of what was seen and of the prior, with a single division. */
  private static float estimate(long evidence, float observations, float prior) {
    float weight = Evidence.second(evidence);
    return weight > 0
        ? (observations * Evidence.first(evidence) + PRIOR_OBSERVATIONS * prior * weight)
            / ((observations + PRIOR_OBSERVATIONS) * weight)
        : prior;
  }

  /** The evidence on how the time of an output unit depends on the neighbours. */
  Rhythm rhythm() {
    long x = (long) NEIGHBOURS.getOpaque(this);
    long y = (long) RHYTHM.getOpaque(this);
    return new Rhythm(
        outputObservations(),
        Evidence.first(x),
        Evidence.second(x),
        Evidence.first(y),
        Evidence.second(y));
  }

  /** How often this has been asked since anything was observed. */
  int roundsUnvisited() {
    float observations = inputObservations() + outputObservations();
    // An observation counts one; what is less is the rounding of two sums that fade
    roundsUnvisited = observations > observationsThen + 0.5f ? 0 : roundsUnvisited + 1;
    observationsThen = observations;
    return roundsUnvisited;
  }

  /**
   * Whether the endpoint became slower lately, which may pass. Counts the rounds in which it is
   * asked.
   */
  boolean isSlowerLately() {
    roundsOfDoubt = Math.max(0, roundsOfDoubt - 1);
    return roundsOfDoubt > 0;
  }

  /** Forgets a part of all evidence. */
  void keep(float share) {
    if (share == 1) {
      return; // nothing to write, and no observation to lose to it
    }
    INPUT.setOpaque(this, Evidence.times((long) INPUT.getOpaque(this), share));
    OUTPUT.setOpaque(this, Evidence.times((long) OUTPUT.getOpaque(this), share));
    COUNTS.setOpaque(this, Evidence.times((long) COUNTS.getOpaque(this), share));
    NEIGHBOURS.setOpaque(this, Evidence.times((long) NEIGHBOURS.getOpaque(this), share));
    RHYTHM.setOpaque(this, Evidence.times((long) RHYTHM.getOpaque(this), share));
    observationsThen *= share;
    inputShift.fade(share);
    outputShift.fade(share);
    WorkShape learned = workShape;
    if (learned != null) {
      learned.fade(share);
    }
  }

  /** The newest input rate relative to the one before; 0 if there is too little of either. */
  double newestInputRatio() {
    return inputShift.ratio((long) INPUT.getOpaque(this), inputObservations());
  }

  /** As {@link #newestInputRatio}, of the output rate. */
  double newestOutputRatio() {
    return outputShift.ratio((long) OUTPUT.getOpaque(this), outputObservations());
  }

  /**
   * Forgets what is older than a change of the endpoint, if there has been one.
   *
   * @param inputRatio {@link #newestInputRatio} relative to that of the other endpoints
   * @param outputRatio the same of the output
   * @param doubt how many rounds long it {@link #isSlowerLately} if the change is for the worse
   */
  void forgetBeforeShift(double inputRatio, double outputRatio, int doubt) {
    long counts = (long) COUNTS.getOpaque(this);
    float inputs = Evidence.first(counts);
    float outputs = Evidence.second(counts);
    long input = (long) INPUT.getOpaque(this);
    long output = (long) OUTPUT.getOpaque(this);
    boolean isInputShifted = inputShift.isShifted(inputRatio, input, inputs);
    boolean isOutputShifted = outputShift.isShifted(outputRatio, output, outputs);
    if (isInputShifted) {
      INPUT.setOpaque(this, inputShift.forgotten(input));
      inputs = inputShift.observationsLeft(inputs);
    }
    if (isOutputShifted) {
      OUTPUT.setOpaque(this, outputShift.forgotten(output));
      outputs = outputShift.observationsLeft(outputs);
    }
    if (isInputShifted || isOutputShifted) {
      boolean isSlower = (isInputShifted && inputRatio > 1) || (isOutputShifted && outputRatio > 1);
      roundsOfDoubt = isSlower ? doubt : 0;
      COUNTS.setOpaque(this, Evidence.of(inputs, outputs));
    }
  }

  /** Moves what is believed without evidence, and the penalty. */
  void recalibrate(float inputPrior, float outputPrior, float penalty) {
    this.inputPrior = inputPrior;
    this.outputPrior = outputPrior;
    this.penalty = penalty;
    long counts = (long) COUNTS.getOpaque(this);
    estimateInput((long) INPUT.getOpaque(this), counts);
    estimateOutput((long) OUTPUT.getOpaque(this), counts);
    publish();
  }
}
