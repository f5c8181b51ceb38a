package io.inferencerouter.core.internal.state;

import java.util.Arrays;
import java.util.List;

/**
 * The endpoints that may serve one kind of request, in a form that picks can use at once.
 * Immutable.
 */
public final class CandidateSet {
  /** No index. */
  public static final int NONE = -1;

  /** All weights together, in the unit of {@link #sample}; a power of two. */
  public static final int TOTAL_WEIGHT = WeightedSampling.LENGTH;

  /** The model they serve; empty when they serve the one that the request names, whatever it is. */
  public final String model;

  /** Reading takes longer by this share for each unit of input; 0 if time goes with size alone. */
  public final double inputGrowth;

  private final Candidate[] candidates;

  /** Of the candidates: what a pick reads first, with one reference less to follow. */
  private final OutstandingWork[] works;

  /** What a scan of all candidates needs, side by side. */
  private final double[] weights;

  private final long[] idHashes;
  private final int[] indexBySlot;
  private final WeightedSampling sampling;

  /**
   * Replaced as speeds are learned. Written and read in plain mode, as the speeds are: what it
   * refers to is immutable, so whichever a pick reads is whole, and the compare-and-set of every
   * reservation keeps a loop of picks from reading the same one for ever.
   */
  private WeightedSampling samplingBySpeed;

  private final WeightedTurns turns;
  private final Rotation rotation;

  private final TypicalRequest typicalRequest;
  private final LookingAtAll lookingAtAll;

  CandidateSet(
      String model,
      List<Candidate> candidates,
      double inputGrowth,
      Rotation rotation,
      TypicalRequest typicalRequest) {
    this.model = model;
    this.inputGrowth = inputGrowth;
    this.candidates = candidates.toArray(new Candidate[0]);
    this.works = candidates.stream().map(c -> c.work).toArray(OutstandingWork[]::new);
    this.weights = candidates.stream().mapToDouble(c -> c.endpoint.weight()).toArray();
    this.idHashes = candidates.stream().mapToLong(c -> IdHash.of(c.endpoint.id())).toArray();
    this.sampling = new WeightedSampling(weights);
    this.samplingBySpeed = samplingBySpeed();
    this.indexBySlot = indexBySlot(candidates);
    this.turns = new WeightedTurns(weights);
    this.rotation = rotation;
    this.typicalRequest = typicalRequest;
    this.lookingAtAll = new LookingAtAll(this.candidates.length);
    if (rotation.isWeighted()) {
      turns.prepared(); // by the thread that changes the set, not by the first pick
    }
  }

  private CandidateSet(String model, CandidateSet same) {
    this.model = model;
    this.inputGrowth = same.inputGrowth;
    this.candidates = same.candidates;
    this.works = same.works;
    this.weights = same.weights;
    this.idHashes = same.idHashes;
    this.indexBySlot = same.indexBySlot;
    this.sampling = same.sampling;
    this.samplingBySpeed = same.samplingBySpeed;
    this.turns = same.turns;
    this.rotation = same.rotation;
    this.typicalRequest = same.typicalRequest;
    this.lookingAtAll = same.lookingAtAll;
  }

  private static int[] indexBySlot(List<Candidate> candidates) {
    int slots = candidates.stream().mapToInt(c -> c.state.cacheSlot + 1).max().orElse(0);
    int[] indexes = new int[slots];
    Arrays.fill(indexes, NONE);
    for (int i = 0; i < candidates.size(); i++) {
      indexes[candidates.get(i).state.cacheSlot] = i;
    }
    return indexes;
  }

  /** The index of the candidate with a cache slot; {@link #NONE} if it is not among these. */
  public int ofSlot(int slot) {
    return slot < indexBySlot.length ? indexBySlot[slot] : NONE;
  }

  /** The same candidates, as those that serve a model. */
  public CandidateSet serving(String model) {
    return new CandidateSet(model, this);
  }

  /** Whether there is time to look at all candidates. */
  public boolean mayLookAtAll(long nowNanos) {
    return lookingAtAll.isDue(nowNanos);
  }

  /** How many there are. */
  public int size() {
    return candidates.length;
  }

  /** The candidate at {@code index}. */
  public Candidate at(int index) {
    return candidates[index];
  }

  /** The outstanding work of the candidate at {@code index}. */
  public OutstandingWork work(int index) {
    return works[index];
  }

  /** The declared weight of the candidate at {@code index}. */
  public double weight(int index) {
    return weights[index];
  }

  /** The hash of the id of the endpoint at {@code index}. */
  public long idHash(int index) {
    return idHashes[index];
  }

  /**
   * The index of the candidate that a point of the total weight belongs to.
   *
   * @param point 0 (inclusive) to {@link #TOTAL_WEIGHT} (exclusive)
   */
  public int sample(int point) {
    return sampling.at(point);
  }

  /**
   * As {@link #sample}, by the speed of the candidates instead of their declared weight.
   *
   * @param point 0 (inclusive) to {@link #TOTAL_WEIGHT} (exclusive)
   */
  public int sampleBySpeed(int point) {
    return samplingBySpeed.at(point);
  }

  /** Takes note of what has been learned of the speeds. */
  void speedsLearned() {
    samplingBySpeed = samplingBySpeed();
  }

  /** Takes note of how far the endpoints have got with their slow starts. */
  void sharesChanged() {
    float largest = 0;
    for (Candidate candidate : candidates) {
      largest = Math.max(largest, candidate.state.warmup.share());
    }
    for (Candidate candidate : candidates) {
      candidate.share(candidate.state.warmup.share() / largest);
    }
  }

  /** Whether any candidate may be chosen in a part of the decisions only. */
  public boolean hasSlowStarts() {
    for (Candidate candidate : candidates) {
      if (candidate.share() < 1) {
        return true;
      }
    }
    return false;
  }

  /** By the geometric mean of the speed in reading and the speed in generating. */
  private WeightedSampling samplingBySpeed() {
    double[] speeds = new double[candidates.length];
    for (int i = 0; i < speeds.length; i++) {
      Candidate candidate = candidates[i];
      speeds[i] = 1 / Math.sqrt(candidate.secondsPerInputUnit() * candidate.secondsPerOutputUnit());
    }
    return new WeightedSampling(speeds);
  }

  /** The index whose turn it is by weight; the next call is for the one after it. */
  public int nextWeighted() {
    return rotation.next(turns);
  }

  /** The index whose turn it is by weight, or will be after some more turns. */
  public int peekWeighted(int ahead) {
    return rotation.peek(turns, ahead);
  }

  /** Whether any candidate may take an input of this size. */
  public boolean isTaken(double units) {
    for (Candidate candidate : candidates) {
      if (units < candidate.refusedInput()) {
        return true;
      }
    }
    return false;
  }

  /** The size of the model's inputs. */
  public TypicalRequest typicalRequest() {
    return typicalRequest;
  }

  /** Which share of an input of this size is more than what is exceptional. */
  public double exceptionalShare(double units) {
    double exceptional = typicalRequest.exceptional();
    return units > exceptional ? 1 - exceptional / units : 0;
  }

  /** The work of reading the smallest exceptional input; infinite if nothing is exceptional yet. */
  public double exceptionalWork() {
    double exceptional = typicalRequest.exceptional();
    return exceptional * (1 + inputGrowth * exceptional);
  }

  /** The rotation of the model. */
  public Rotation rotation() {
    return rotation;
  }
}
