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
    if (scenario.routers() > 0) {
      throw new UnsupportedOperationException("no engine yet: " + policy.name() + progress);
    }
    throw new IllegalArgumentException("routers: " + scenario.routers() + " (expected: 1 or more)");
  }
}
