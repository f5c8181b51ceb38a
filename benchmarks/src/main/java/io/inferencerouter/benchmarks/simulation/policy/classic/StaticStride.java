package io.inferencerouter.benchmarks.simulation.policy.classic;

/**
 * gRPC's static stride scheduler (gRFC A58): weights are scaled so that the greatest is {@value
 * #GREATEST}; generation after generation it walks over all positions and takes a position in that
 * share of the generations which its weight has of the greatest, evenly spread. Weights beyond ten
 * times the mean, or below a tenth, count as that; who has none counts as the mean.
 */
final class StaticStride {
  private static final int GREATEST = 0xFFFF;
  private static final double LARGEST_RATIO = 10;
  private static final double SMALLEST_RATIO = 0.1;

  /** Enough generations for the smallest weight to have its turn. */
  private static final int GENERATIONS = (int) (2 * LARGEST_RATIO / SMALLEST_RATIO);

  private final int[] scaled;
  private int sequence;

  StaticStride(int size, int sequence) {
    scaled = new int[size];
    this.sequence = sequence;
  }

  void update(double[] weights) {
    double sum = 0;
    double greatest = 0;
    int known = 0;
    for (double weight : weights) {
      if (weight > 0) {
        sum += weight;
        greatest = Math.max(greatest, weight);
        known++;
      }
    }
    double mean = known == 0 ? 1 : sum / known;
    greatest = known == 0 ? 1 : Math.min(greatest, LARGEST_RATIO * mean);
    double scale = GREATEST / greatest;
    int scaledMean = (int) Math.round(scale * mean);
    int least = Math.max(1, (int) Math.ceil(scale * mean * SMALLEST_RATIO));
    for (int position = 0; position < scaled.length; position++) {
      double weight = weights[position];
      scaled[position] =
          weight > 0
              ? Math.max(least, (int) Math.round(scale * Math.min(weight, greatest)))
              : scaledMean;
    }
  }

  int next(Candidates candidates) {
    long steps = (long) GENERATIONS * scaled.length;
    for (long step = 0; step < steps; step++) {
      long turn = Integer.toUnsignedLong(sequence++);
      int position = (int) (turn % scaled.length);
      long generation = turn / scaled.length;
      int weight = scaled[position];
      long offset = (long) (GREATEST / 2) * position;
      if ((weight * generation + offset) % GREATEST >= GREATEST - weight
          && candidates.isUsable(position)) {
        return position;
      }
    }
    return candidates.usable(0);
  }
}
