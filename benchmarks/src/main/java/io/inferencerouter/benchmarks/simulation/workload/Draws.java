package io.inferencerouter.benchmarks.simulation.workload;

import java.util.SplittableRandom;

/**
 * Random draws that are the same, bit by bit, on every Java: uniform bits of a {@link
 * SplittableRandom}, all else made of them by {@link StrictMath}. For one thread.
 */
final class Draws {
  private static final double UNIT = 0x1.0p-53;

  private final SplittableRandom random;
  private double spare = Double.NaN;

  private Draws(SplittableRandom random) {
    this.random = random;
  }

  static Draws seeded(long seed) {
    return new Draws(new SplittableRandom(seed));
  }

  /** Draws that do not depend on how many are taken from this one afterwards. */
  Draws split() {
    return new Draws(random.split());
  }

  /** From 0 inclusive to 1 exclusive. */
  double uniform() {
    return (random.nextLong() >>> 11) * UNIT;
  }

  /** With mean 1. */
  double exponential() {
    return -StrictMath.log(1 - uniform());
  }

  /** With mean 0 and deviation 1: Marsaglia's polar method. */
  double normal() {
    if (!Double.isNaN(spare)) {
      double kept = spare;
      spare = Double.NaN;
      return kept;
    }
    double x;
    double y;
    double square;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double scale = StrictMath.sqrt(-2 * StrictMath.log(square) / square);
    spare = y * scale;
    return x * scale;
  }

  /**
   * With that shape and scale 1, so that the mean is the shape: Marsaglia and Tsang, "A simple
   * method for generating gamma variables", 2000.
   */
  double gamma(double shape) {
    if (shape < 1) {
      return gamma(shape + 1) * StrictMath.pow(1 - uniform(), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / StrictMath.sqrt(9 * d);
    while (true) {
      double x = normal();
      double root = 1 + c * x;
      if (root > 0) {
        double v = root * root * root;
        if (StrictMath.log(1 - uniform()) < x * x / 2 + d - d * v + d * StrictMath.log(v)) {
          return d * v;
        }
      }
    }
  }
}
