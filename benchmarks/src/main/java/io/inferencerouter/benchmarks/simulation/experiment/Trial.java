package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.policy.Policy;

/**
 * One run to be made.
 *
 * @param faults what goes wrong in it, by name; the scenario's fleet contains it
 */
public record Trial(Scenario scenario, Policy policy, String faults) {
  @Override
  public String toString() {
    return Setting.of(scenario, faults) + ", " + policy.name() + ", seed " + scenario.seed();
  }
}
