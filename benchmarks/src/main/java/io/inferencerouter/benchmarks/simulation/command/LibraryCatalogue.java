package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.Simulation;
import io.inferencerouter.benchmarks.simulation.experiment.Runner;
import io.inferencerouter.benchmarks.simulation.experiment.Saturation;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.report.Timelines;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What this library has. */
final class LibraryCatalogue implements Catalogue {
  @Override
  public Map<String, String> workloads() {
    return Map.of();
  }

  @Override
  public Workload workload(String name, long seed, long requests) {
    throw new Failure("workload: " + name + " (expected: one that there is)");
  }

  @Override
  public Workload trace(Path file) {
    throw new Failure(file + ": this simulator reads no traces");
  }

  @Override
  public Workload limited(Workload workload, long requests) {
    return workload;
  }

  @Override
  public List<Policy> policies() {
    return List.of();
  }

  @Override
  public Set<String> references() {
    return Set.of();
  }

  @Override
  public Runner runner() {
    return Simulation::run;
  }

  @Override
  public Saturation saturation() {
    return (workload, fleet) -> {
      throw new Failure("saturation of " + fleet.name() + ": cannot be measured");
    };
  }

  @Override
  public Profile profile(Workload workload) {
    throw new Failure(workload.name() + ": this simulator profiles no workloads");
  }

  @Override
  public Fit fit(Path folder) {
    throw new Failure(folder + ": this simulator reads no calibration");
  }

  @Override
  public Optional<Timelines> timelines() {
    return Optional.empty();
  }
}
