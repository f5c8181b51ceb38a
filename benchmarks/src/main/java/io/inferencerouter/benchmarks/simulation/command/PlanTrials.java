package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.Design;
import io.inferencerouter.benchmarks.simulation.experiment.Objectives;
import io.inferencerouter.benchmarks.simulation.experiment.SaturationCache;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.experiment.WorkloadSource;
import io.inferencerouter.benchmarks.simulation.report.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The runs of a plan. */
final class PlanTrials {
  private static final List<String> ENDINGS = List.of(".csv.gz", ".csv");

  private final Plan plan;
  private final Catalogue catalogue;
  private final Usage usage;
  private final List<String> policies;
  private final Optional<Path> traces;

  /**
   * The runs of that plan.
   *
   * @param policies in place of the plan's; none for these
   * @param traces a folder in which the plan's traces are
   */
  PlanTrials(
      Plan plan, Catalogue catalogue, Usage usage, List<String> policies, Optional<Path> traces) {
    this.plan = plan;
    this.catalogue = catalogue;
    this.usage = usage;
    this.policies = policies;
    this.traces = traces;
  }

  List<Trial> all(SaturationCache saturation) {
    List<Trial> trials = new ArrayList<>();
    for (Plan.Group group : plan.groups()) {
      trials.addAll(design(group).trials(saturation));
    }
    return trials;
  }

  private Design design(Plan.Group group) {
    Choices choices = new Choices(catalogue, usage);
    long requests = group.requests() > 0 ? group.requests() : plan.requests();
    return new Design(
        Stream.concat(
                group.workloads().stream()
                    .map(name -> WorkloadOptions.generated(catalogue, usage, name, requests)),
                group.traces().stream().flatMap(name -> trace(name, requests).stream()))
            .toList(),
        group.fleets().stream().map(choices::fleet).toList(),
        group.faults().stream().map(choices::faults).toList(),
        group.routers(),
        group.loads(),
        List.of(),
        choices.policies(
            !policies.isEmpty()
                ? policies
                : !group.policies().isEmpty() ? group.policies() : plan.policies()),
        group.seeds().isEmpty() ? plan.seeds() : group.seeds(),
        requests,
        Objectives.DEFAULT);
  }

  private Optional<WorkloadSource> trace(String name, long requests) {
    return traces.flatMap(
        folder ->
            ENDINGS.stream()
                .map(ending -> folder.resolve(name + ending))
                .filter(Files::isRegularFile)
                .findFirst()
                .map(file -> WorkloadOptions.trace(catalogue, file, requests)));
  }
}
