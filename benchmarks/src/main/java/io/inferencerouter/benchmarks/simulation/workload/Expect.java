package io.inferencerouter.benchmarks.simulation.workload;

/** Checks of what a caller asks for. */
final class Expect {
  private Expect() {}

  /** A finite value in a closed range. */
  static double within(String name, double value, double least, double most) {
    if (value >= least && value <= most) {
      return value;
    }
    throw new IllegalArgumentException(
        name + ": " + value + " (expected: " + least + " to " + most + ")");
  }

  /** A whole value in a closed range. */
  static long within(String name, long value, long least, long most) {
    if (value >= least && value <= most) {
      return value;
    }
    throw new IllegalArgumentException(
        name + ": " + value + " (expected: " + least + " to " + most + ")");
  }

  /** A finite value above 0. */
  static double positive(String name, double value) {
    if (value > 0 && value < Double.POSITIVE_INFINITY) {
      return value;
    }
    throw new IllegalArgumentException(name + ": " + value + " (expected: above 0)");
  }
}
