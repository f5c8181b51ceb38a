package io.inferencerouter.core.internal.router;

import io.inferencerouter.Candidates;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Generation;
import io.inferencerouter.core.internal.state.OutstandingWork;
import org.jspecify.annotations.Nullable;

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
 *   wait    = n &lt; lanes ? reserved input time ÷ lanes² : max(reserved input time ÷ lanes, age of the oldest unanswered)
 *             + the work of others that is expected there
 *   input   = overhead + load time of the model + reading(i, k) · secondsPerInputUnit
 *   output  = o · secondsPerOutputUnit · (1 + penalty · their context ÷ usual context)
 *   harm    = o · secondsPerOutputUnit · penalty · n · burden + (2 · n + outside price) · what is exceptional of the reading
 * </pre>
 *
 * <p>The lanes are the inputs that are read side by side, as declared or as {@linkplain
 * io.inferencerouter.core.internal.state.Lanes learned}. Where a lane is free, the wait is not
 * taken for none, but for reserved input time ÷ lanes²: others may take it as well, and else the
 * one of several equal endpoints that seems a little faster would get all there is until it is
 * full.
 *
 * <p>Of {@code i} input units the endpoint has {@code k} in its cache; reading the rest takes more
 * than proportionally long, see {@link io.inferencerouter.CostEstimator#doublingInput}.
 *
 * <p>Who decodes beside the request slows it down by the context he has, which {@link Generation}
 * sums up, in proportion to that of the usual request. What the request does to each of them is its
 * burden, see {@link io.inferencerouter.core.internal.state.TypicalRequest}.
 *
 * <p>Reading an input also holds up what decodes beside it. Of usual inputs that is not priced: it
 * would turn equal endpoints into some for longer and some for shorter requests, which serves
 * neither. But an input that is many times as long as others, see {@link
 * io.inferencerouter.core.internal.state.TypicalRequest}, stops everybody on its endpoint for
 * seconds. Priced, a few such inputs keep to a few endpoints, which everybody else avoids. What is
 * held up counts {@value #HELD_UP} times, for those that run now and for those that come after.
 * Those of other routers cannot be counted. Where there are any, half of the endpoints is set aside
 * for exceptional inputs: {@link io.inferencerouter.core.internal.state.SetAside} says what is
 * expected to be there beside what is known, and what it costs outside.
 *
 * <p>The rates are those of {@link ModelService}: learned, where there is evidence.
 */
class Decision implements Candidates {
  /** The constants of wyrand (Wang Yi: wyhash, 2019): a generator of two multiplications. */
  private static final long STEP = 0xa0761d6478bd642fL;

  /** Times {@link #STEP} this is 1, modulo 2^64. */
  private static final long STEP_INVERSE = 0x939c72e4af1e62cfL;

  private static final long MIX = 0xe7037ed1a0b428dbL;

  static final double MICRO = 1e-6;
  private static final double HELD_UP = 2;
  private static final int SHARE_BITS = 20;
  private static final int SHARES = 1 << SHARE_BITS;

  /** Nanoseconds to units of 1024 ns, which stand for microseconds. */
  private static final int AGE_SHIFT = 10;

  final CandidateSet candidates;
  final InferenceRequest request;
  private final float inputWork;
  private final float outputWork;
  private final long nowNanos;
  private long seed;
  private @Nullable Warmth warmth;
  private int warmthNote;

  Decision(
      CandidateSet candidates,
      InferenceRequest request,
      double inputWork,
      double outputWork,
      long nowNanos,
      long seed) {
    this.candidates = candidates;
    this.request = request;
    this.inputWork = (float) inputWork;
    this.outputWork = (float) outputWork;
    this.nowNanos = nowNanos;
    this.seed = seed;
  }

  /**
   * Takes note of which endpoints have a part of the request in their caches.
   *
   * @param note what {@code found} wants to be told of this request
   */
  final void warmth(Warmth found, int note) {
    warmth = found;
    warmthNote = note;
  }

  /** The share of the input that a candidate has to read. */
  final double uncachedShare(Candidate candidate) {
    Warmth known = warmth;
    return known == null ? 1 : 1 - known.cachedShare(candidate.state, warmthNote);
  }

  /**
   * The share of the input that a candidate has read and kept for so long, as far as is noted,
   * before any doubt in it.
   */
  final double notedShare(Candidate candidate) {
    Warmth known = warmth;
    return known == null ? 0 : known.notedShare(candidate.state, warmthNote);
  }

  /** Learns from what the chosen candidate has reported: the share of the input it had read. */
  final void reported(Candidate candidate, double cachedShare) {
    Warmth known = warmth;
    if (known != null) {
      known.reported(candidate.state, warmthNote, cachedShare);
    }
  }

  @Override
  public double cachedShare(int index) {
    return 1 - uncachedShare(candidates.at(index));
  }

  @Override
  public int warmest(int rank) {
    Warmth known = warmth;
    int slot = known == null ? Warmth.NONE : known.slot(rank, warmthNote);
    return slot == Warmth.NONE ? EndpointSelector.NONE : candidates.ofSlot(slot);
  }

  @Override
  public double warmestAdvantage() {
    Warmth known = warmth;
    int home = warmest(0);
    return known == null || home == EndpointSelector.NONE
        ? 0
        : known.advantage(warmthNote) * known.trust(candidates.at(home).state);
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
    return OutstandingWork.admits(candidates.work(index).admissionWord(), candidate.slots)
        && (!candidate.isConditional() || meetsConditions(candidate, index));
  }

  /** Apart from {@link #isAvailable}, which is on the path of every pick and has to stay small. */
  private boolean meetsConditions(Candidate candidate, int index) {
    return (!candidate.budgeted
            || candidate.state.memory.hasRoom(memoryUnits(), candidate.endpoint.memoryBudget()))
        && (candidate.share() == 1 || considersAll() || isDrawn(index))
        && !isTooLarge(candidate);
  }

  /** Whether the input is one that the candidate refuses, and another may take. */
  final boolean isTooLarge(Candidate candidate) {
    return inputWork >= candidate.refusedInput() && candidates.isTaken(inputWork);
  }

  /**
   * Whether an endpoint in its slow start has a part in this decision: drawn from what neither
   * draws nor time change, so that the answer is the same however often it is asked for.
   */
  private boolean isDrawn(int index) {
    // Each draw moves the seed on by one step, so this moves on by one, and its upper half stays.
    long decision = (seed * STEP_INVERSE) >>> Integer.SIZE;
    return mixed(candidates.idHash(index) ^ decision) >>> (Long.SIZE - SHARE_BITS)
        < candidates.at(index).share() * SHARES;
  }

  /** Whether endpoints in their slow start can be chosen as all others can. */
  boolean considersAll() {
    return true;
  }

  /** What the request weighs on those beside it. */
  final int context() {
    return Generation.contextOf(inputWork, outputWork);
  }

  /**
   * How many requests of usual context those on an endpoint are as much as.
   *
   * @param besides the part of their context that does not count
   */
  final double neighbours(OutstandingWork work, int besides) {
    int context = Generation.context(work.generationWord()) - besides;
    return candidates.typicalRequest().asMany(context);
  }

  /** What it does to each of its neighbours, relative to the usual request. */
  private double burden() {
    return candidates.typicalRequest().burden(context());
  }

  /** What the request takes of an endpoint's memory while it runs. */
  final long memoryUnits() {
    return Math.max(1, (long) (inputWork + outputWork));
  }

  @Override
  public int inFlight(int index) {
    return OutstandingWork.inFlight(candidates.work(index).admissionWord());
  }

  @Override
  public double reservedInputSeconds(int index) {
    return OutstandingWork.inputMicros(candidates.work(index).admissionWord()) * MICRO;
  }

  @Override
  public double reservedOutputSeconds(int index) {
    return Generation.outputMicros(candidates.work(index).generationWord()) * MICRO;
  }

  @Override
  public double weight(int index) {
    return candidates.weight(index);
  }

  @Override
  public double errorLevel(int index) {
    return candidates.work(index).errorLevel(nowNanos);
  }

  @Override
  public double latencySeconds(int index) {
    return candidates.work(index).latencySeconds(nowNanos);
  }

  @Override
  public double predictedWaitSeconds(int index) {
    Candidate candidate = candidates.at(index);
    OutstandingWork work = candidates.work(index);
    long word = work.admissionWord();
    long reserved = OutstandingWork.inputMicros(word);
    int lanes = candidate.lanes();
    long age = ((nowNanos - work.unansweredSince()) >> AGE_SHIFT) * lanes;
    // All ones if every lane is taken and input is reserved, else zero: branches here would be coin
    // tosses.
    long waits = ((lanes - 1L - OutstandingWork.inFlight(word)) & -reserved) >> 63;
    double known = longer(reserved, age & waits) * candidate.waitPerMicro(waits);
    return known + candidate.unseenSeconds();
  }

  /** The larger one, without a branch. */
  private static long longer(long a, long b) {
    return a - ((a - b) & ((a - b) >> 63));
  }

  @Override
  public double predictedInputSeconds(int index) {
    Candidate candidate = candidates.at(index);
    return candidate.fixedSeconds() + inputSeconds(candidate);
  }

  /** Seconds for reading what the candidate has not read before. */
  final double inputSeconds(Candidate candidate) {
    return readingWork(candidate) * candidate.secondsPerInputUnit();
  }

  /**
   * The work of reading what the candidate has not read before, in units of a short input: {@code
   * fixed + n + growth · (n² + 2·n·k)} for {@code n} units behind {@code k} that it has.
   */
  final double readingWork(Candidate candidate) {
    double units = uncachedShare(candidate) * inputWork;
    return candidate.fixedUnits()
        + units * (1 + candidates.inputGrowth * (2 * (double) inputWork - units));
  }

  @Override
  public double modelLoadSeconds(int index) {
    return candidates.at(index).service.residency.pendingLoadSeconds();
  }

  @Override
  public double cachedInputSeconds(int index) {
    Candidate candidate = candidates.at(index);
    double whole = candidate.fixedUnits() + inputWork * (1 + candidates.inputGrowth * inputWork);
    return (whole - readingWork(candidate)) * candidate.secondsPerInputUnit();
  }

  @Override
  public double predictedOutputSeconds(int index) {
    Candidate candidate = candidates.at(index);
    double neighbours = neighbours(candidates.work(index), 0);
    return outputWork
        * (candidate.secondsPerOutputUnit() + neighbours * candidate.secondsPerNeighbour());
  }

  @Override
  public double predictedHarmSeconds(int index) {
    Candidate candidate = candidates.at(index);
    int neighbours = OutstandingWork.inFlight(candidates.work(index).admissionWord());
    double generating = outputWork * (neighbours * candidate.secondsPerNeighbour()) * burden();
    double exceptional = candidates.exceptionalShare(inputWork);
    double reading =
        exceptional == 0
            ? 0
            : (HELD_UP * neighbours + candidate.outsidePrice())
                * exceptional
                * inputSeconds(candidate);
    return generating + reading;
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
  public boolean mayLookAtAll() {
    return candidates.mayLookAtAll(nowNanos);
  }

  @Override
  public int sample(int stratum, int strata) {
    return candidates.sample(point(stratum, strata));
  }

  @Override
  public int sampleBySpeed(int stratum, int strata) {
    return candidates.sampleBySpeed(point(stratum, strata));
  }

  private int point(int stratum, int strata) {
    // A row of draws follows from the seed before the first of them, so what they have in common is
    // worked out once. The strata begin at a point that differs from decision to decision, so that
    // any two endpoints meet; within its stratum, each draw has bits of its own.
    long first = seed - stratum * STEP;
    seed += STEP;
    long four = mixed(first + (stratum >> 2) * MIX);
    long bits = (four >>> ((stratum & 3) * Short.SIZE)) & 0xFFFF;
    int offset = (int) ((first * MIX) >>> Integer.SIZE);
    int width = CandidateSet.TOTAL_WEIGHT / strata;
    int within = (int) ((bits * width) >>> Short.SIZE);
    return (offset + stratum * width + within) & (CandidateSet.TOTAL_WEIGHT - 1);
  }

  /** Whether this decision is the one of so many, a power of two, that stands for all of them. */
  final boolean isOneOf(int decisions) {
    return (seed & (decisions - 1)) == 0;
  }

  /** Bits that differ from decision to decision. */
  final long bits() {
    return seed;
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
    return mixed(seed);
  }

  private static long mixed(long bits) {
    long other = bits ^ MIX;
    return Math.multiplyHigh(bits, other) ^ (bits * other);
  }
}
