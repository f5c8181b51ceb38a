package io.inferencerouter.core.internal.state;

import io.inferencerouter.core.internal.learning.Evidence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Keeps what follows off the cache line of whatever the allocator has placed before. */
@SuppressWarnings("unused")
abstract class PaddingBeforeSpeed {
  private long unused00, unused01, unused02, unused03, unused04, unused05, unused06, unused07;
}

/** What requests teach, close together. */
abstract class SpeedWords extends PaddingBeforeSpeed {
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

/**
 * The speed of a {@link ModelService} and the evidence on it. A superclass in place of a field, so
 * that the words lie together, off the cache lines of everything else, and no request has to look
 * for them.
 *
 * <p>There are two rates, since hardware differs in them independently: <em>seconds per input
 * unit</em>, from the time to the first output, and <em>seconds per output unit</em> of a request
 * that runs alone, from the time after it. Both are ratios of sums:
 *
 * <pre>
 *   input  = Σ time to the first output  ÷  Σ (work that was ahead + own work)
 *   output = Σ time after it             ÷  Σ output · (1 + penalty · neighbours)
 * </pre>
 *
 * <p>The work ahead is part of the divisor, so an endpoint is not called slow because it was busy,
 * and own work is part of it, so it is not called slow because it got the long prompts.
 *
 * <h2>Trust</h2>
 *
 * <p>An estimate is the mean of what was seen and of a prior, which counts as {@value
 * #PRIOR_OBSERVATIONS} observations. A single observation counts for at most {@value #MAX_SURPRISE}
 * times its prediction, and all of them together move a rate by at most {@value #MAX_FACTOR} times
 * from the prior. Evidence fades as time passes and requests come, and faster where there is none;
 * see {@link Recalibration}, which also moves the priors.
 *
 * <h2>Concurrency</h2>
 *
 * <p>The words of evidence are read and written in opaque mode without a compare-and-set; {@link
 * Evidence} says why a lost observation is no harm.
 */
abstract class LearnedSpeed extends SpeedWords {
  private static final float PRIOR_OBSERVATIONS = 0.5f;
  private static final float MAX_SURPRISE = 8;
  private static final float NEW = 64;
  private static final float MAX_FACTOR = 1000;
  private static final float SOME = 4;

  private static final VarHandle INPUT = word(SpeedWords.class, "input");
  private static final VarHandle OUTPUT = word(SpeedWords.class, "output");
  private static final VarHandle COUNTS = word(SpeedWords.class, "counts");
  private static final VarHandle NEIGHBOURS = word(LearnedSpeed.class, "neighbours");
  private static final VarHandle RHYTHM = word(LearnedSpeed.class, "rhythm");

  private static VarHandle word(Class<?> type, String name) {
    try {
      return MethodHandles.lookup().findVarHandle(type, name, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  long neighbours;
  long rhythm;

  /** Keeps what follows off the cache line of the words. */
  @SuppressWarnings("unused")
  private long unused00, unused01, unused02, unused03, unused04, unused05, unused06, unused07;

  /** A first output may be late for what is cached, and for whoever else is read. */
  private final RateShift inputShift = new RateShift(RateShift.WINDOW);

  private final RateShift outputShift = new RateShift(RateShift.FEW);

  /** Seconds for each input unit. */
  public final float secondsPerInputUnit() {
    return secondsPerInputUnit;
  }

  /** Seconds for each output unit of a request that runs alone. */
  public final float secondsPerOutputUnit() {
    return secondsPerOutputUnit;
  }

  /** By which share of itself an output unit gets slower with each neighbour. */
  public final float penalty() {
    return penalty;
  }

  /** Whether hardly anything has been learned of the time of an output unit. */
  public final boolean isOutputNew() {
    return outputObservations() < NEW;
  }

  /** How many observations of the input rate there are, faded ones counted in part. */
  public final float inputObservations() {
    return Evidence.first((long) COUNTS.getOpaque(this));
  }

  /** How many observations of the output rate there are, faded ones counted in part. */
  public final float outputObservations() {
    return Evidence.second((long) COUNTS.getOpaque(this));
  }

  /** Whether anything is left of what was observed. */
  final boolean isObserved() {
    return inputObservations() > 0 || outputObservations() > 0;
  }

  /** The evidence on how the time of an output unit depends on the neighbours. */
  final Rhythm rhythm() {
    long x = (long) NEIGHBOURS.getOpaque(this);
    long y = (long) RHYTHM.getOpaque(this);
    return new Rhythm(
        outputObservations(),
        Evidence.first(x),
        Evidence.second(x),
        Evidence.first(y),
        Evidence.second(y));
  }

  /**
   * Learns from a request. A time of 0 says nothing of its rate.
   *
   * @param inputTime seconds of input
   * @param work the input units of that time
   * @param outputTime seconds of output
   * @param loaded the output units of that time, more of them where there were neighbours
   */
  final void observe(float inputTime, float work, float outputTime, float loaded) {
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
  }

  private static float believable(float seconds, float expected) {
    return Math.min(expected * MAX_SURPRISE, Math.max(expected * (1 / MAX_SURPRISE), seconds));
  }

  /** Learns how long an output unit has taken beside so many neighbours. */
  final void observeRhythm(float step, float beside) {
    NEIGHBOURS.setOpaque(
        this, Evidence.plus((long) NEIGHBOURS.getOpaque(this), beside, beside * beside));
    RHYTHM.setOpaque(this, Evidence.plus((long) RHYTHM.getOpaque(this), step, step * beside));
  }

  /**
   * Counts an observation of the input rate that says nothing of it: many of them are no reason to
   * look at each.
   */
  final void observeNothing() {
    COUNTS.setOpaque(this, Evidence.plus((long) COUNTS.getOpaque(this), 1, 0));
  }

  /** Moves what is believed without evidence, and the penalty. */
  final void priors(float inputPrior, float outputPrior, float penalty) {
    this.inputPrior = inputPrior;
    this.outputPrior = outputPrior;
    this.penalty = penalty;
    long counts = (long) COUNTS.getOpaque(this);
    estimateInput((long) INPUT.getOpaque(this), counts);
    estimateOutput((long) OUTPUT.getOpaque(this), counts);
  }

  /**
   * What was learned of the input rate was learned with other predictions. So it counts as no more
   * than some observations, and fewer than these, which go by the sizes they happened to be of, do
   * not count at all.
   *
   * @param factor of the times observed to what is predicted for them from now on
   */
  final void rescaleInput(float factor) {
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
    inputShift.beginAnew(input, left);
    estimateInput(input, counts);
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

  /** Forgets a part of the evidence. */
  final void fade(float kept) {
    INPUT.setOpaque(this, Evidence.times((long) INPUT.getOpaque(this), kept));
    OUTPUT.setOpaque(this, Evidence.times((long) OUTPUT.getOpaque(this), kept));
    COUNTS.setOpaque(this, Evidence.times((long) COUNTS.getOpaque(this), kept));
    NEIGHBOURS.setOpaque(this, Evidence.times((long) NEIGHBOURS.getOpaque(this), kept));
    RHYTHM.setOpaque(this, Evidence.times((long) RHYTHM.getOpaque(this), kept));
    inputShift.fade(kept);
    outputShift.fade(kept);
  }

  /** The newest input rate relative to the one before; 0 if there is too little of either. */
  final double newestInputRatio() {
    return inputShift.ratio((long) INPUT.getOpaque(this), inputObservations());
  }

  /** As {@link #newestInputRatio}, of the output rate. */
  final double newestOutputRatio() {
    return outputShift.ratio((long) OUTPUT.getOpaque(this), outputObservations());
  }

  /**
   * Forgets what is older than a change of the endpoint, if there has been one.
   *
   * @param inputRatio {@link #newestInputRatio} relative to that of the other endpoints
   * @param outputRatio the same of the output
   */
  final RateShift.Direction forgetBeforeShift(double inputRatio, double outputRatio) {
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
    if (!isInputShifted && !isOutputShifted) {
      return RateShift.Direction.NONE;
    }
    COUNTS.setOpaque(this, Evidence.of(inputs, outputs));
    boolean isSlower = (isInputShifted && inputRatio > 1) || (isOutputShifted && outputRatio > 1);
    return isSlower ? RateShift.Direction.SLOWER : RateShift.Direction.FASTER;
  }
}
