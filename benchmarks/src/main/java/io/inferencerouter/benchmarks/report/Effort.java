package io.inferencerouter.benchmarks.report;

import java.util.List;

/** How long and how much to measure. */
enum Effort {
  /** Everything, for the record. */
  FULL(8, 15, 200),
  /** Everything, briefly. */
  QUICK(5, 5, 60),
  /** The default selector only. */
  SMOKE(10, 10, 100);

  final int warmups;
  final int iterations;
  final int millis;

  Effort(int warmups, int iterations, int millis) {
    this.warmups = warmups;
    this.iterations = iterations;
    this.millis = millis;
  }

  /** The numbers of endpoints. */
  List<Integer> sizes() {
    return this == SMOKE ? List.of(16, 1024) : List.of(4, 16, 64, 256, 1024);
  }
}
