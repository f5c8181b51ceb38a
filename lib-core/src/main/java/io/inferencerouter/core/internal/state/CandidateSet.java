package io.inferencerouter.core.internal.state;

import java.util.List;

/**
 * The endpoints that may serve one kind of request, in a form that picks can use at once.
 * Immutable.
 */
public final class CandidateSet {
  /** All weights together, in the unit of {@link #sample}; a power of two. */
  public static final int TOTAL_WEIGHT = WeightedSampling.LENGTH;

  /** The model they serve; empty when they serve the one that the request names, whatever it is. */
  public final String model;

  private final Candidate[] candidates;
  private final WeightedSampling sampling;
  private final Rotation rotation;

  CandidateSet(String model, List<Candidate> candidates, Rotation rotation) {
    this.model = model;
    this.candidates = candidates.toArray(new Candidate[0]);
    this.sampling = new WeightedSampling(candidates);
    this.rotation = rotation;
  }

  private CandidateSet(String model, CandidateSet same) {
    this.model = model;
    this.candidates = same.candidates;
    this.sampling = same.sampling;
    this.rotation = same.rotation;
  }

  /** The same candidates, as those that serve a model. */
  public CandidateSet serving(String model) {
    return new CandidateSet(model, this);
  }

  /** How many there are. */
  public int size() {
    return candidates.length;
  }

  /** The candidate at {@code index}. */
  public Candidate at(int index) {
    return candidates[index];
  }

  /**
   * The index of the candidate that a point of the total weight belongs to.
   *
   * @param point 0 (inclusive) to {@link #TOTAL_WEIGHT} (exclusive)
   */
  public int sample(int point) {
    return sampling.at(point);
  }

  /** The rotation of the model. */
  public Rotation rotation() {
    return rotation;
  }
}
