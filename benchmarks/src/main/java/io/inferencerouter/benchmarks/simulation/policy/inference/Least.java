package io.inferencerouter.benchmarks.simulation.policy.inference;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Finds what costs least among what it is offered; of equals any, with the same probability. */
final class Least<T> {
  private final RandomGenerator random;
  private @Nullable T best;
  private double cost;
  private int ties;

  Least(RandomGenerator random) {
    this.random = random;
  }

  void offer(T candidate, double candidateCost) {
    if (best == null || candidateCost < cost) {
      best = candidate;
      cost = candidateCost;
      ties = 1;
    } else if (candidateCost == cost && random.nextInt(++ties) == 0) {
      best = candidate;
    }
  }

  /** The least cost offered, or infinity. */
  double cost() {
    return best == null ? Double.POSITIVE_INFINITY : cost;
  }

  /** What costs least. */
  T get() {
    if (best == null) {
      throw new IllegalStateException("candidates: none (expected: at least one)");
    }
    return best;
  }
}
