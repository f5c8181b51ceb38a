package io.inferencerouter.benchmarks.simulation.server;

/** Sums over the sequences that wait. */
final class Backlog {
  private final StepCosts costs;
  private long unread;
  private double readNanos;
  private long needed;
  private long output;

  Backlog(StepCosts costs) {
    this.costs = costs;
  }

  void add(Sequence sequence) {
    count(sequence, 1);
  }

  void remove(Sequence sequence) {
    count(sequence, -1);
  }

  private void count(Sequence sequence, int sign) {
    int cached = sequence.needed() - sequence.expectedRead;
    unread += (long) sign * sequence.expectedRead;
    readNanos += sign * Math.rint(costs.read(sequence.expectedRead, cached));
    needed += (long) sign * sequence.needed();
    output += (long) sign * (sequence.output - sequence.generated);
  }

  void clear() {
    unread = 0;
    readNanos = 0;
    needed = 0;
    output = 0;
  }

  /** Tokens to be read that were not in the cache when they came. */
  long unread() {
    return unread;
  }

  /** How long it takes to read them; whole nanoseconds, so that the sum does not drift. */
  double readNanos() {
    return readNanos;
  }

  /** The memory they need. */
  long needed() {
    return needed;
  }

  /** What they have still to answer. */
  long output() {
    return output;
  }
}
