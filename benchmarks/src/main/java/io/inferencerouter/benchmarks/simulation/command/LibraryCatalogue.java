package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.Capacity;
import io.inferencerouter.benchmarks.simulation.Simulation;
import io.inferencerouter.benchmarks.simulation.experiment.Replay;
import io.inferencerouter.benchmarks.simulation.experiment.Runner;
import io.inferencerouter.benchmarks.simulation.experiment.Saturation;
import io.inferencerouter.benchmarks.simulation.policy.LibraryPolicies;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.classic.ClassicPolicies;
import io.inferencerouter.benchmarks.simulation.policy.inference.InferencePolicies;
import io.inferencerouter.benchmarks.simulation.policy.reference.ReferencePolicies;
import io.inferencerouter.benchmarks.simulation.server.CalibrationFit;
import io.inferencerouter.benchmarks.simulation.server.FitRow;
import io.inferencerouter.benchmarks.simulation.workload.Distribution;
import io.inferencerouter.benchmarks.simulation.workload.TraceFile;
import io.inferencerouter.benchmarks.simulation.workload.TrafficProfile;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import io.inferencerouter.benchmarks.simulation.workload.Workloads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What this library has. */
final class LibraryCatalogue implements Catalogue {
  private final Capacity capacity = new Capacity();
  private final Simulation simulation = new Simulation(capacity);

  @Override
  public Map<String, String> workloads() {
    return Workloads.names();
  }

  @Override
  public Workload workload(String name, long seed, long requests) {
    return Workloads.byName(name, seed, requests);
  }

  @Override
  public Workload trace(Path file) {
    return TraceFile.open(file);
  }

  @Override
  public Workload limited(Workload workload, long requests) {
    return Workloads.limited(workload, requests);
  }

  @Override
  public List<Policy> policies() {
    List<Policy> policies = new ArrayList<>(LibraryPolicies.all());
    policies.addAll(ClassicPolicies.all());
    policies.addAll(InferencePolicies.all());
    policies.addAll(ReferencePolicies.all());
    return List.copyOf(policies);
  }

  @Override
  public Set<String> references() {
    return Set.copyOf(ReferencePolicies.names());
  }

  @Override
  public Runner runner() {
    return simulation::run;
  }

  @Override
  public Saturation saturation() {
    return capacity::requestsPerSecond;
  }

  @Override
  public Profile profile(Workload workload) {
    TrafficProfile profile = TrafficProfile.of(workload);
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("requests", format("%,d in %,.0f s", profile.requests(), profile.seconds()));
    figures.put(
        "arrivals",
        format(
            "%.2f a second, CV of gaps %.2f, busiest second %.1f times the mean",
            profile.requestsPerSecond(), profile.gapVariation(), profile.peakToMean()));
    figures.put("input tokens", distribution(profile.input()));
    figures.put("output tokens", distribution(profile.output()));
    Distribution cost = profile.serviceMillis();
    figures.put("cost on an H100, ms", distribution(cost, cost.mean() < 10 ? "%,.1f" : "%,.0f"));
    figures.put(
        "cost known beforehand",
        format(
            "CV %.2f; the most expensive hundredth has %.0f %% of the work",
            profile.knownVariation(), 100 * profile.topWorkShare()));
    figures.put(
        "prefix reuse",
        format(
            "%.1f %% of input with one cache for all, %.1f %% with 8 in turn",
            100 * profile.prefixReuse(), 100 * profile.prefixReuseInTurn()));
    add(
        figures,
        "sessions",
        profile.sessions(),
        format("%.1f turns each", profile.turnsPerSession()));
    add(
        figures,
        "tenants",
        profile.tenants(),
        format("the first has %.0f %%", 100 * profile.topTenantShare()));
    add(
        figures,
        "models",
        profile.models(),
        format("the first has %.0f %%", 100 * profile.topModelShare()));
    TrafficProfile.Verdict verdict = profile.verdict();
    return new Profile(
        figures,
        switch (verdict.advice()) {
          case PAYS -> "Routing by cost pays.";
          case MAY_PAY -> "Routing by cost may pay.";
          case PLAIN_IS_ENOUGH -> "Plain least outstanding requests is enough.";
        },
        verdict.reasons());
  }

  private static void add(Map<String, String> figures, String name, int count, String more) {
    if (count > 0) {
      figures.put(name, format("%,d, %s", count, more));
    }
  }

  private static String distribution(Distribution of) {
    return distribution(of, "%,.0f");
  }

  private static String distribution(Distribution of, String number) {
    return format(
        "mean #, p50 #, p99 #, most #, CV %.2f".replace("#", number),
        of.mean(),
        of.p50(),
        of.p99(),
        of.max(),
        of.variation());
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  @Override
  public Fit fit(Path folder) {
    try {
      List<List<String>> lines = new ArrayList<>();
      for (FitRow row : CalibrationFit.run(folder)) {
        lines.add(
            List.of(
                row.gpu(),
                row.model(),
                row.work(),
                Integer.toString(row.points()),
                format("%.2f %%", row.meanError()),
                format("%.2f %%", row.maxError()),
                format("%.2f %%", row.statedMeanError()),
                format("%.2f %%", row.statedMaxError())));
      }
      return new Fit(
          List.of(
              "gpu",
              "model",
              "work",
              "points",
              "mean error",
              "largest",
              "stated mean",
              "stated largest"),
          lines);
    } catch (IOException e) {
      throw new Failure(folder + ": cannot be read: " + e, e);
    }
  }

  @Override
  public Replay replay() {
    return (trial, recorder) ->
        simulation.run(trial.scenario(), trial.policy(), requests -> {}, recorder);
  }
}
