package io.inferencerouter.core.internal.router;

import io.inferencerouter.Candidates;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.OutstandingWork;

/**
 * One routing decision: the candidates as a selector sees them, with what this request would mean
 * for each.
 *
 * <h2>The prediction</h2>
 *
 * <p>For a request of {@code i} input and {@code o} output units, on an endpoint with {@code n}
 * requests in flight:
 *
 * <pre>
 *   wait    = n &lt; parallelism ? 0 : reserved input time ÷ parallelism
 *   input   = overhead + load time of the model + i · secondsPerInputUnit
 *   output  = o · secondsPerOutputUnit · (1 + penalty · n)
 *   harm    = (parallelism = 1 ? i · secondsPerInputUnit · decoding : 0) + o · secondsPerOutputUnit · penalty · n
 * </pre>
 *
 * <p>An engine with one input lane stops everything that decodes while it reads an input, hence the
 * first part of the harm; one that reads several side by side is a row of independent servers.
 */
class Decision implements Candidates {
  /**
   * The increment of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
   * Generators, 2014).
   */
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private static final double MICRO = 1e-6;

  final CandidateSet candidates;
  final InferenceRequest request;
  private final double inputWork;
  private final double outputWork;
  private final long nowNanos;
  private long seed;
  private float strataOffset;

  Decision(
      CandidateSet candidates,
      InferenceRequest request,
      double inputWork,
      double outputWork,
      long nowNanos,
      long seed) {
    this.candidates = candidates;
    this.request = request;
    this.inputWork = inputWork;
    this.outputWork = outputWork;
    this.nowNanos = nowNanos;
    this.seed = seed;
  }

  @Override
  public int size() {
    return candidates.size();
  }

  @Override
  public Endpoint endpoint(int index) {
    return candidates.at(index).endpoint;
  }

  @Override
  public boolean isAvailable(int index) {
    Candidate candidate = candidates.at(index);
    return OutstandingWork.admits(candidate.work.admissionWord(), candidate.slots);
  }

  @Override
  public int inFlight(int index) {
    return OutstandingWork.inFlight(candidates.at(index).work.admissionWord());
  }

  @Override
  public double reservedInputSeconds(int index) {
    return OutstandingWork.inputMicros(candidates.at(index).work.admissionWord()) * MICRO;
  }

  @Override
  public double reservedOutputSeconds(int index) {
    return OutstandingWork.outputMicros(candidates.at(index).work.decodeWord()) * MICRO;
  }

  @Override
  public double weight(int index) {
    return candidates.at(index).weight;
  }

  @Override
  public double errorLevel(int index) {
    return candidates.at(index).work.errorLevel(nowNanos);
  }

  @Override
  public double predictedWaitSeconds(int index) {
    Candidate candidate = candidates.at(index);
    long word = candidate.work.admissionWord();
    return OutstandingWork.inFlight(word) < candidate.lanes
        ? 0
        : OutstandingWork.inputMicros(word) * candidate.waitPerMicro;
  }

  @Override
  public double predictedInputSeconds(int index) {
    Candidate candidate = candidates.at(index);
    return candidate.fixedSeconds + inputWork * candidate.secondsPerInputUnit;
  }

  @Override
  public double predictedOutputSeconds(int index) {
    Candidate candidate = candidates.at(index);
    int neighbours = OutstandingWork.inFlight(candidate.work.admissionWord());
    return outputWork
        * (candidate.secondsPerOutputUnit + neighbours * candidate.secondsPerNeighbour);
  }

  @Override
  public double predictedHarmSeconds(int index) {
    Candidate candidate = candidates.at(index);
    OutstandingWork work = candidate.work;
    int neighbours = OutstandingWork.inFlight(work.admissionWord());
    int held = candidate.lanes == 1 ? OutstandingWork.decoding(work.decodeWord()) : 0;
    return held * (inputWork * candidate.secondsPerInputUnit)
        + outputWork * (neighbours * candidate.secondsPerNeighbour);
  }

  @Override
  public double inputWork() {
    return inputWork;
  }

  @Override
  public double outputWork() {
    return outputWork;
  }

  @Override
  public String model() {
    return candidates.model;
  }

  @Override
  public long nowNanos() {
    return nowNanos;
  }

  @Override
  public int random(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound: " + bound + " (expected: 1 or more)");
    }
    return (int) Math.multiplyHigh(nextLong() >>> 1, (long) bound << 1);
  }

  @Override
  public int sample(int stratum, int strata) {
    if (stratum == 0) {
      // The strata begin at a point that differs from decision to decision, so that any two
      // endpoints meet.
      strataOffset = (float) (nextLong() >>> 40) * 0x1p-24f;
    }
    double point = strataOffset + (stratum + (nextLong() >>> 11) * 0x1p-53) / strata;
    return candidates.sample(point < 1 ? point : point - 1);
  }

  @Override
  public int rotate() {
    return candidates.rotation().next(candidates.size());
  }

  private long nextLong() {
    seed += GOLDEN_GAMMA;
    long z = seed;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
