package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.measure.RunResult;

/**
 * A time to compare policies by, in milliseconds; less is better, and infinite is what too many
 * requests do not get at all.
 */
public enum Metric {
  /** The whole answer, for all but one in a hundred. */
  E2E_P99("P99 end-to-end"),
  /** The first output, for all but one in a hundred. */
  TTFT_P99("P99 TTFT");

  private final String title;

  Metric(String title) {
    this.title = title;
  }

  /** What it is called in tables. */
  public String title() {
    return title;
  }

  /** Its value in a run. */
  public double of(RunResult result) {
    return this == E2E_P99 ? result.e2eMillis().p99() : result.ttftMillis().p99();
  }
}
