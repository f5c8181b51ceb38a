package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.Scenario;

/**
 * What counts as good.
 *
 * @param ttftMillis time to the first output
 * @param itlMillis time between outputs
 */
public record Objectives(double ttftMillis, double itlMillis) {
  /** Those of a scenario with the defaults. */
  public static final Objectives DEFAULT =
      new Objectives(Scenario.DEFAULT_TTFT_OBJECTIVE_MILLIS, Scenario.DEFAULT_ITL_OBJECTIVE_MILLIS);
}
