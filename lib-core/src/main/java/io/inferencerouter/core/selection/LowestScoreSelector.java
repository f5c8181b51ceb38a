package io.inferencerouter.core.selection;

import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;

/**
 * The available candidate with the lowest score: of all in a small set, and in a large one when
 * there is time; otherwise of a sample, and of all after all when none of that is available. Ties
 * are broken at random, each of those that tie being equally likely.
 */
abstract class LowestScoreSelector implements EndpointSelector {
  /**
   * The score of a candidate; less is better.
   *
   * @param common what {@link #common} has said of those that are looked at
   */
  abstract double score(Candidates candidates, int index, double common);

  /** How many of {@code size} candidates are looked at, 2 to 4; {@code size} or more means all. */
  int samples(int size) {
    return Sampling.isLarge(size) ? Sampling.SAMPLES : size;
  }

  /** Whether all of a large set are looked at when there is time for it. */
  boolean looksAtAllInTime() {
    return true;
  }

  /**
   * What the scores of a sample have in common; by default nothing. Of a smaller sample than four,
   * the first ones come again.
   */
  double common(Candidates candidates, int first, int second, int third, int fourth) {
    return 0;
  }

  /** What the scores of all candidates have in common; by default nothing. */
  double common(Candidates candidates) {
    return 0;
  }

  @Override
  public final int select(InferenceRequest request, Candidates candidates) {
    int size = candidates.size();
    int samples = samples(size);
    if (samples < size && !(looksAtAllInTime() && candidates.mayLookAtAll())) {
      int first = candidates.sample(0, samples);
      int second = candidates.sample(1, samples);
      int third = samples > 2 ? candidates.sample(2, samples) : first;
      int fourth = samples > 3 ? candidates.sample(3, samples) : second;
      Lowest sampled =
          new Lowest(this, candidates, common(candidates, first, second, third, fourth));
      for (int sample = 0; sample < samples; sample++) {
        sampled.consider(first);
        first = second;
        second = third;
        third = fourth;
      }
      if (sampled.best != NONE) {
        return sampled.best;
      }
    }
    Lowest scanned = new Lowest(this, candidates, common(candidates));
    for (int index = 0; index < size; index++) {
      scanned.consider(index);
    }
    return scanned.best;
  }

  /** The best of the candidates considered; lives on the stack of the caller. */
  private static final class Lowest {
    private final LowestScoreSelector selector;
    private final Candidates candidates;
    private final double common;
    private int best = NONE;
    private double bestScore;
    private int ties;

    Lowest(LowestScoreSelector selector, Candidates candidates, double common) {
      this.selector = selector;
      this.candidates = candidates;
      this.common = common;
    }

    void consider(int index) {
      if (!candidates.isAvailable(index)) {
        return;
      }
      double score = selector.score(candidates, index, common);
      if (best == NONE || score < bestScore) {
        best = index;
        bestScore = score;
        ties = 1;
      } else if (score == bestScore && index != best) {
        ties++;
        if (candidates.random(ties) == 0) { // each of k ties stays with probability 1/k
          best = index;
        }
      }
    }
  }
}
