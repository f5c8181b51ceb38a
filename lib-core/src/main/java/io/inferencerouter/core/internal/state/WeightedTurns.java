package io.inferencerouter.core.internal.state;

import java.util.Arrays;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The order of turns in a weighted rotation: a cycle in which each candidate has turns in
 * proportion to its weight, spread so evenly that no candidate is ever a whole turn ahead of or
 * behind its share.
 *
 * <h2>The bound</h2>
 *
 * <p>Let a candidate have {@code a} of the {@code L} turns of the cycle. After the first {@code t}
 * turns it has had more than {@code a·t/L − 1} and less than {@code a·t/L + 1} of them. So between
 * any two points, also across the end of a cycle, it has less than two turns more or fewer than its
 * share; and over a cycle, being a whole number, exactly {@code a}. That this can be had for any
 * weights is the theorem of the chairman assignment problem (Tijdeman, 1980). The usual smooth
 * weighted round robin, which takes the largest running credit, has no such bound.
 *
 * <h2>The construction</h2>
 *
 * <p>Of {@code n} candidates none may be further from its share than {@code 1 − e}, where {@code e
 * = 1/(2n − 2)}. That gives the {@code k}-th turn of a candidate a window: not before step {@code
 * ⌈(k − 1 + e)·L/a⌉}, and no later than step {@code ⌊(k − e)·L/a⌋ + 1}. Jobs of equal length with
 * windows are served by taking the one with the earliest deadline, which finds an order that meets
 * all deadlines whenever there is one, and Tijdeman shows that there is.
 *
 * <h2>The cycle</h2>
 *
 * <p>Weights are any numbers, turns are whole ones. The shortest cycle is taken that gives exact
 * shares; if there is none within {@value #MAX_CYCLE} turns, the shortest in which every share is
 * within {@value #TOLERANCE} of itself; else one of about {@value #MAX_CYCLE} turns, each candidate
 * with at least one.
 *
 * <p>When the set changes, the count of turns goes on in the cycle of the new set. So a candidate
 * that stays may once more be off by less than two turns, and a change that leaves the weights as
 * they are goes unnoticed.
 *
 * <p>The order is worked out when it is first asked for, and then only read.
 */
final class WeightedTurns {
  static final int MAX_CYCLE = 1 << 17;
  private static final double EXACT = 1e-9;
  private static final double TOLERANCE = 0.005;
  private static final int NOBODY = -1;
  private static final int INDEX_BITS = 32;

  private final double[] weights;

  /** Written by whoever needs it first; every value written is the same. */
  private volatile int @Nullable [] order;

  WeightedTurns(double[] weights) {
    this.weights = weights;
  }

  /** The candidate whose turn it is; {@code turn} counts without a sign. */
  int at(long turn) {
    int[] cycle = prepared();
    return cycle[(int) Long.remainderUnsigned(turn, cycle.length)];
  }

  /** The number of turns of a cycle. */
  int cycle() {
    return prepared().length;
  }

  /** Works the order out now, so that no pick has to. */
  int[] prepared() {
    int[] known = order;
    if (known == null) {
      known = weights.length == 0 ? new int[0] : order(turns(weights));
      order = known;
    }
    return known;
  }

  /** How many turns each candidate has in a cycle. */
  private static int[] turns(double[] weights) {
    double least = Arrays.stream(weights).min().orElseThrow();
    double total = Arrays.stream(weights).sum();
    for (double tolerance : new double[] {EXACT, TOLERANCE}) {
      for (int ofLeast = 1; ofLeast * (total / least) <= MAX_CYCLE; ofLeast++) {
        if (areWhole(weights, ofLeast / least, tolerance)) {
          return rounded(weights, ofLeast / least);
        }
      }
    }
    return rounded(weights, MAX_CYCLE / total);
  }

  private static boolean areWhole(double[] weights, double scale, double tolerance) {
    for (double weight : weights) {
      double turns = weight * scale;
      if (Math.abs(turns - Math.rint(turns)) > tolerance * turns) {
        return false;
      }
    }
    return true;
  }

  private static int[] rounded(double[] weights, double scale) {
    int[] turns = new int[weights.length];
    for (int i = 0; i < turns.length; i++) {
      turns[i] = (int) Math.max(1, Math.rint(weights[i] * scale));
    }
    return turns;
  }

  private static int[] order(int[] turns) {
    int size = turns.length;
    int length = Arrays.stream(turns).sum();
    int[] order = new int[length];
    if (size == 1) {
      return order;
    }
    int[] taken = new int[size];
    // Who may have its next turn from a step on: a list for each step, linked by index.
    int[] firstFrom = new int[length + 1];
    int[] nextFrom = new int[size];
    Arrays.fill(firstFrom, NOBODY);
    for (int i = size - 1; i >= 0; i--) {
      enlist(i, earliest(1, turns[i], length, size), firstFrom, nextFrom);
    }
    PriorityQueue<Long> due = new PriorityQueue<>(); // deadline, then index
    for (int step = 1; step <= length; step++) {
      for (int i = firstFrom[step]; i != NOBODY; i = nextFrom[i]) {
        due.add(latest(taken[i] + 1, turns[i], length, size) << INDEX_BITS | i);
      }
      int next = due.remove().intValue();
      order[step - 1] = next;
      taken[next]++;
      if (taken[next] < turns[next]) {
        int earliest = earliest(taken[next] + 1, turns[next], length, size);
        enlist(next, Math.max(step + 1, earliest), firstFrom, nextFrom);
      }
    }
    return order;
  }

  private static void enlist(int index, int step, int[] firstFrom, int[] nextFrom) {
    nextFrom[index] = firstFrom[step];
    firstFrom[step] = index;
  }

  /** The first step at which a candidate may have its {@code turn}-th turn, from 1. */
  private static int earliest(int turn, int turns, int length, int size) {
    long parts = 2L * size - 2;
    return (int) ((((turn - 1) * parts + 1) * length - 1) / (parts * turns)) + 1;
  }

  /** The last step at which a candidate may have its {@code turn}-th turn, from 1. */
  private static long latest(int turn, int turns, int length, int size) {
    long parts = 2L * size - 2;
    return (turn * parts - 1) * length / (parts * turns) + 1;
  }
}
