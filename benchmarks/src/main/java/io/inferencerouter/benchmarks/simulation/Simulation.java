package io.inferencerouter.benchmarks.simulation;

import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import java.util.function.LongConsumer;

/** One run of one policy on one scenario. */
public final class Simulation {
  private Simulation() {}

  /**
   * Runs to the end.
   *
   * @param progress is told how many requests have arrived, now and then
   */
  public static RunResult run(Scenario scenario, Policy policy, LongConsumer progress) {
    throw new UnsupportedOperationException(scenario + " " + policy + " " + progress);
  }
}
