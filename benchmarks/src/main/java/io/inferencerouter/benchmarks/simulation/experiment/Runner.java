package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import java.util.function.LongConsumer;

/** Makes one run, on the calling thread; called by several at once. */
@FunctionalInterface
public interface Runner {
  /**
   * Runs to the end.
   *
   * @param progress is told how many requests have arrived, now and then
   */
  RunResult run(Scenario scenario, Policy policy, LongConsumer progress);
}
