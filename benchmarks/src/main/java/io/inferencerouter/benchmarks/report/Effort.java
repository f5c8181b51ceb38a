package io.inferencerouter.benchmarks.report;

import java.util.List;

/**
 * How long and how much to measure. The iterations are many and short, so that some of them are
 * left alone by whatever else the machine does.
 */
enum Effort {
  /** Everything, for the record. */
  FULL(2000, 50, 50),
  /** Everything of the default selector, and the others in one way each; briefly. */
  QUICK(1500, 20, 30),
  /** The default selector only. */
  SMOKE(2000, 60, 30);

  final int warmupMillis;
  final int iterations;
  final int iterationMillis;

  Effort(int warmupMillis, int iterations, int iterationMillis) {
    this.warmupMillis = warmupMillis;
    this.iterations = iterations;
    this.iterationMillis = iterationMillis;
  }

  /** The numbers of endpoints. */
  List<Integer> sizes() {
    return this == SMOKE ? List.of(16, 1024) : List.of(4, 16, 64, 256, 1024);
  }
}
