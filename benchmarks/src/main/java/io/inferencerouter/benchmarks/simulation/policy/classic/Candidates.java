package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import java.util.Arrays;

/**
 * The endpoints that serve one model in one region, and which of them may be chosen now. A policy
 * that keeps a rotation adds it in a subclass, so that each such set has its own, as each upstream
 * or cluster has where these policies come from.
 *
 * <p>An endpoint's position counts from 0 in the order of the membership.
 */
class Candidates {
  private final Target[] targets;
  private final int[] positions;
  private final boolean[] usable;
  private int count;

  Candidates(Target[] targets) {
    this.targets = targets;
    positions = new int[targets.length];
    usable = new boolean[targets.length];
    useAll();
  }

  /** How many there are, usable or not. */
  final int size() {
    return targets.length;
  }

  final Target target(int position) {
    return targets[position];
  }

  /** How many may be chosen now; never 0 while there is any endpoint. */
  final int usableCount() {
    return count;
  }

  /** The position of one that may be chosen now; ascending. */
  final int usable(int number) {
    return positions[number];
  }

  final boolean isUsable(int position) {
    return usable[position];
  }

  final void useAll() {
    if (count == targets.length) {
      return;
    }
    useNone();
    for (int position = 0; position < targets.length; position++) {
      use(position);
    }
  }

  final void useNone() {
    count = 0;
    Arrays.fill(usable, false);
  }

  /** Adds one; in ascending order. */
  final void use(int position) {
    usable[position] = true;
    positions[count++] = position;
  }
}
