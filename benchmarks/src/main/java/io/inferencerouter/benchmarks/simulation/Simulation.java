package io.inferencerouter.benchmarks.simulation;

import io.inferencerouter.benchmarks.simulation.measure.Recorder;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.reference.FluidBound;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import io.inferencerouter.benchmarks.simulation.workload.Workloads;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Runs policies on scenarios. Safe for use by many threads, each with its own run. */
public final class Simulation {
  private final Capacity capacity;

  /** A simulation that asks there what fleets can do. */
  public Simulation(Capacity capacity) {
    this.capacity = Objects.requireNonNull(capacity, "capacity");
  }

  /** From the first arrival to the last, if all keep to the times of the workload. */
  public static Duration length(Scenario scenario) {
    return Duration.ofNanos(Span.of(scenario).lengthNanos());
  }

  /**
   * What no policy can beat in a scenario; empty where it is not known: the fleet changes, or some
   * request has no output or nobody to serve it.
   */
  public static Optional<FluidBound> bound(Scenario scenario) {
    Workload workload = scenario.workload();
    if (workload.kind() != Workload.Kind.GENERATION || !scenario.fleet().changes().isEmpty()) {
      return Optional.empty();
    }
    Span span = Span.of(scenario);
    try {
      return Optional.of(
          FluidBound.of(
              Workloads.limited(workload, span.requests()),
              scenario.fleet().endpoints(),
              span.stretch(),
              (long) (scenario.warmUpShare() * span.requests())));
    } catch (IllegalArgumentException e) {
      // A request without output, or one that nobody serves
      return Optional.empty();
    }
  }

  /**
   * Runs one policy to the end.
   *
   * @param progress is told how many requests have arrived, now and then
   * @throws io.inferencerouter.benchmarks.simulation.workload.WorkloadException if the trace is
   *     malformed
   */
  public RunResult run(Scenario scenario, Policy policy, LongConsumer progress) {
    return run(scenario, policy, progress, Recorder.NONE);
  }

  /** As above, with every request told to a recorder. */
  public RunResult run(Scenario scenario, Policy policy, LongConsumer progress, Recorder recorder) {
    return new Run(scenario, policy, capacity, progress, recorder).toEnd();
  }
}
