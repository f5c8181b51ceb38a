package io.inferencerouter.core.internal.router;

import io.inferencerouter.Candidates;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.OutstandingWork;
import io.inferencerouter.core.internal.state.ServiceRates;

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
    return OutstandingWork.admits(candidate.state.work.admissionWord(), candidate.slots);
  }

  @Override
  public int inFlight(int index) {
    return OutstandingWork.inFlight(admissionWord(index));
  }

  @Override
  public double reservedInputSeconds(int index) {
    return OutstandingWork.inputMicros(admissionWord(index)) * MICRO;
  }

  @Override
  public double reservedOutputSeconds(int index) {
    return OutstandingWork.outputMicros(decodeWord(index)) * MICRO;
  }

  @Override
  public double weight(int index) {
    return candidates.at(index).weight;
  }

  @Override
  public double errorLevel(int index) {
    return candidates.at(index).state.errors.at(nowNanos);
  }

  @Override
  public double predictedWaitSeconds(int index) {
    Candidate candidate = candidates.at(index);
    long word = candidate.state.work.admissionWord();
    int lanes = candidate.rates.parallelism();
    return OutstandingWork.inFlight(word) < lanes
        ? 0
        : OutstandingWork.inputMicros(word) * MICRO / lanes;
  }

  @Override
  public double predictedInputSeconds(int index) {
    Candidate candidate = candidates.at(index);
    return inputSeconds(candidate);
  }

  private double inputSeconds(Candidate candidate) {
    ServiceRates rates = candidate.rates;
    return rates.overheadSeconds()
        + candidate.loadSeconds
        + inputWork * rates.secondsPerInputUnit();
  }

  @Override
  public double predictedOutputSeconds(int index) {
    return outputWork == 0 ? 0 : outputSeconds(candidates.at(index));
  }

  private double outputSeconds(Candidate candidate) {
    ServiceRates rates = candidate.rates;
    int neighbours = OutstandingWork.inFlight(candidate.state.work.admissionWord());
    return outputWork
        * rates.secondsPerOutputUnit()
        * (1 + rates.concurrencyPenalty() * neighbours);
  }

  @Override
  public double predictedHarmSeconds(int index) {
    Candidate candidate = candidates.at(index);
    ServiceRates rates = candidate.rates;
    OutstandingWork work = candidate.state.work;
    double harm = 0;
    if (rates.parallelism() == 1) {
      int decoding = OutstandingWork.decoding(work.decodeWord());
      harm = inputWork * rates.secondsPerInputUnit() * decoding;
    }
    if (outputWork != 0) {
      int neighbours = OutstandingWork.inFlight(work.admissionWord());
      harm += outputWork * rates.secondsPerOutputUnit() * rates.concurrencyPenalty() * neighbours;
    }
    return harm;
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

  private long admissionWord(int index) {
    return candidates.at(index).state.work.admissionWord();
  }

  private long decodeWord(int index) {
    return candidates.at(index).state.work.decodeWord();
  }
}
