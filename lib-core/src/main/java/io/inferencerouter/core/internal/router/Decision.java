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
  /** The constants of wyrand (Wang Yi: wyhash, 2019): a generator of two multiplications. */
  private static final long STEP = 0xa0761d6478bd642fL;

  private static final long MIX = 0xe7037ed1a0b428dbL;

  private static final double MICRO = 1e-6;

  final CandidateSet candidates;
  final InferenceRequest request;
  private final double inputWork;
  private final double outputWork;
  private final long nowNanos;
  private long seed;
  private int strataOffset;

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
  public long idHash(int index) {
    return candidates.idHash(index);
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
    return candidates.weight(index);
  }

  @Override
  public double errorLevel(int index) {
    return candidates.at(index).work.errorLevel(nowNanos);
  }

  @Override
  public double latencySeconds(int index) {
    return candidates.at(index).work.latencySeconds(nowNanos);
  }

  @Override
  public double predictedWaitSeconds(int index) {
    Candidate candidate = candidates.at(index);
    long word = candidate.work.admissionWord();
    // All ones if every lane is taken, else zero: a branch here would be a coin toss.
    long taken = (candidate.lanes - 1L - OutstandingWork.inFlight(word)) >> 63;
    return (OutstandingWork.inputMicros(word) & taken) * candidate.waitPerMicro;
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
    int decoding = OutstandingWork.decoding(work.decodeWord());
    return decoding * (inputWork * candidate.heldUpPerInputUnit)
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
    return candidates.model.isEmpty() ? request.model() : candidates.model;
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
      strataOffset = (int) nextLong();
    }
    int width = CandidateSet.TOTAL_WEIGHT / strata;
    int within = (int) (((nextLong() >>> 32) * width) >>> 32);
    int point = strataOffset + stratum * width + within;
    return candidates.sample(point & (CandidateSet.TOTAL_WEIGHT - 1));
  }

  @Override
  public int rotate() {
    return candidates.rotation().next(candidates.size());
  }

  @Override
  public int rotateWeighted() {
    return candidates.nextWeighted();
  }

  private long nextLong() {
    seed += STEP;
    long other = seed ^ MIX;
    return Math.multiplyHigh(seed, other) ^ (seed * other);
  }
}
