package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.Replay;
import io.inferencerouter.benchmarks.simulation.experiment.Runner;
import io.inferencerouter.benchmarks.simulation.experiment.Samples;
import io.inferencerouter.benchmarks.simulation.experiment.Saturation;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A catalogue whose runs take no time: each policy has its own speed. */
final class SampleCatalogue implements Catalogue {
  private final Map<String, Double> speeds = new LinkedHashMap<>();
  private String broken = "";

  SampleCatalogue() {
    speeds.put("default", 1.0);
    speeds.put("round-robin", 2.2);
    speeds.put("peak-ewma", 1.3);
    speeds.put("true-weights", 1.1);
    speeds.put("seer", 0.8);
    speeds.put("wizard", 0.85);
  }

  /** Makes a policy fail in every run. */
  SampleCatalogue broken(String policy) {
    broken = policy;
    return this;
  }

  /** Makes a policy so much slower. */
  SampleCatalogue slower(String policy, double factor) {
    speeds.merge(policy, factor, (one, other) -> one * other);
    return this;
  }

  @Override
  public Map<String, String> workloads() {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : List.of("chat", "agents", "longtail")) {
      names.put(name, "What " + name + " is.");
    }
    return names;
  }

  @Override
  public Workload workload(String name, long seed, long requests) {
    return Samples.workload(name, requests);
  }

  @Override
  public Workload trace(Path file) {
    return Samples.workload("trace", 10);
  }

  @Override
  public Workload limited(Workload workload, long requests) {
    return Samples.workload(workload.name(), requests);
  }

  @Override
  public List<Policy> policies() {
    return speeds.keySet().stream().map(name -> Samples.policy(name, standing(name))).toList();
  }

  private static Standing standing(String name) {
    return switch (name) {
      case "default" -> Standing.OURS;
      case "true-weights" -> Standing.INFORMED_RIVAL;
      case "seer", "wizard" -> Standing.REFERENCE;
      default -> Standing.RIVAL;
    };
  }

  @Override
  public Set<String> references() {
    return Set.of("seer", "wizard");
  }

  @Override
  public Runner runner() {
    return (scenario, policy, progress) -> {
      if (policy.name().equals(broken)) {
        throw new IllegalStateException("no endpoint\nis left");
      }
      double crowd = 1 + 0.1 * StrictMath.log(scenario.routers());
      double noise =
          1 + 0.03 * StrictMath.sin(7.0 * (double) scenario.seed() + policy.name().length());
      double speed = speeds.getOrDefault(policy.name(), 1.0);
      double load = scenario.load() > 0 ? scenario.load() : 0.5;
      double fault = scenario.fleet().changes().isEmpty() ? 1 : 1.4;
      double millis = 4000 * speed * crowd * noise * fault / (1.05 - load);
      return Samples.result(scenario, policy.name(), millis, 0);
    };
  }

  @Override
  public Saturation saturation() {
    return (workload, fleet) -> 10.0 * fleet.endpoints().size();
  }

  @Override
  public Profile profile(Workload workload) {
    return new Profile(
        Map.of("requests", "10"), "Least outstanding is enough.", List.of("all are equal"));
  }

  @Override
  public Fit fit(Path folder) {
    return new Fit(List.of("gpu", "mean error"), List.of(List.of("H100", "4.9 %")));
  }

  @Override
  public Replay replay() {
    return (trial, recorder) -> {
      SimulatedRequest request = trial.scenario().workload().iterator().next();
      for (int i = 1; i < 3000; i++) {
        long now = i * 100_000_000L;
        boolean hit = i % (i > 1000 && i < 2000 ? 20 : 8) == 0;
        recorder.sent(now, hit ? trial.scenario().fleet().endpoints().get(0).id() : "x", request);
        recorder.completed(now, "x", request, now - 4_000_000_000L, now - 3_000_000_000L);
      }
      return runner().run(trial.scenario(), trial.policy(), requests -> {});
    };
  }
}
