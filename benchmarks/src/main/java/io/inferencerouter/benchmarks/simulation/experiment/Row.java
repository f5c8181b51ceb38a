package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;

/**
 * The result of one run.
 *
 * @param standing what its policy is to be compared as
 * @param faults what went wrong in it, by name
 */
public record Row(RunResult result, Standing standing, String faults) {
  /** What it can be compared with. */
  public Setting setting() {
    return new Setting(
        result.workload(), result.fleet(), faults, result.routers(), result.load(), result.rate());
  }

  /** What chose the endpoints. */
  public String policy() {
    return result.policy();
  }

  /** What tells it from all others of an experiment. */
  public String title() {
    return setting() + ", " + result.policy() + ", seed " + result.seed();
  }

  /** Share of the requests that came to nothing. */
  public double brokenShare() {
    return result.requests() == 0
        ? 0
        : (double) (result.failed() + result.lost()) / result.requests();
  }
}
