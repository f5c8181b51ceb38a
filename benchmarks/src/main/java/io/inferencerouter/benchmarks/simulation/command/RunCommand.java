package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Design;
import io.inferencerouter.benchmarks.simulation.experiment.Experiment;
import io.inferencerouter.benchmarks.simulation.experiment.Objectives;
import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.experiment.Outcome;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import io.inferencerouter.benchmarks.simulation.experiment.SustainableLoad;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.experiment.Workers;
import io.inferencerouter.benchmarks.simulation.report.AtomicFile;
import io.inferencerouter.benchmarks.simulation.report.Bounds;
import io.inferencerouter.benchmarks.simulation.report.Charts;
import io.inferencerouter.benchmarks.simulation.report.ResultCsv;
import io.inferencerouter.benchmarks.simulation.report.ResultJson;
import io.inferencerouter.benchmarks.simulation.report.ResultTable;
import io.inferencerouter.benchmarks.simulation.report.SustainableLoads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs policies on workloads and fleets, and compares them. */
@Command(
    name = "run",
    header = "Run policies on workloads and fleets, and compare them.",
    description = {
      "",
      "Everything is run with everything: options that take a list, such as --load 0.5,0.7, make"
          + " more runs. All policies meet the same requests.",
      "",
      "Percentiles of the time to the first output and end-to-end are those of all requests after"
          + " the warm-up; a request that failed or was lost counts as infinitely late. A"
          + " percentile that falls among those is ∞ in tables, is worse than any time, and has no"
          + " mark in charts. JSON and CSV have them as ttft_all_ms and e2e_all_ms, where ∞ is"
          + " null or empty; ttft_ms and e2e_ms are of what was answered, as are the times between"
          + " outputs (ITL) and the spread among tenants.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  run --workload chat --fleet mixed-8 --load 0.7",
      "  run --trace requests.csv.gz --fleet fleet.json --policies default,rivals --rate 40",
      "  run --fleet equal-8 --routers 1,16 --seed 1,2,3 --faults slow-one --json results.json",
      "  run --fleet mixed-8 --search-slo 2000"
    })
final class RunCommand implements Callable<Integer> {
  private final Catalogue catalogue;
  private final Screen screen;

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin WorkloadOptions workload = new WorkloadOptions();

  @Option(
      names = "--fleet",
      paramLabel = "FILE|NAME",
      split = ",",
      defaultValue = "mixed-8",
      description = "A JSON file or a name; 'fleets' lists them. Default: ${DEFAULT-VALUE}.")
  List<String> fleets = new ArrayList<>();

  @Option(
      names = "--policies",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "all",
      description =
          "Names, all, rivals, or oracle for all references; 'policies' lists them. Default:"
              + " ${DEFAULT-VALUE}.")
  List<String> policies = new ArrayList<>();

  @Option(
      names = "--routers",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description =
          "Independent clients before the fleet, which share nothing. Default: ${DEFAULT-VALUE}.")
  List<Integer> routers = new ArrayList<>();

  @Option(
      names = "--load",
      paramLabel = "X",
      split = ",",
      description =
          "Requests per second as a share of the fleet's saturation on the workload, which is"
              + " measured without cache hits. Default: 0.7.")
  List<Double> loads = new ArrayList<>();

  @Option(
      names = "--rate",
      paramLabel = "X",
      split = ",",
      description = "Requests per second, instead of --load.")
  List<Double> rates = new ArrayList<>();

  @Option(
      names = "--faults",
      paramLabel = "FILE|NAME",
      split = ",",
      defaultValue = "none",
      description =
          "What goes wrong: a JSON file or a name; 'fleets' lists them. Default:"
              + " ${DEFAULT-VALUE}.")
  List<String> faults = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "S",
      split = ",",
      defaultValue = "1",
      description = "The same seed gives the same results. Default: ${DEFAULT-VALUE}.")
  List<Long> seeds = new ArrayList<>();

  @Option(
      names = "--ttft-slo",
      paramLabel = "MS",
      description = "Good requests have their first output within this. Default: 2000.")
  double ttftObjective = Scenario.DEFAULT_TTFT_OBJECTIVE_MILLIS;

  @Option(
      names = "--itl-slo",
      paramLabel = "MS",
      description = "Good requests have no more than this between outputs. Default: 100.")
  double itlObjective = Scenario.DEFAULT_ITL_OBJECTIVE_MILLIS;

  @Option(
      names = "--search-slo",
      paramLabel = "MS",
      description =
          "Search the highest load at which the P99 of the time to the first output stays within"
              + " this and nothing is lost, in place of running at a load.")
  @Nullable Double searched;

  @Option(names = "--json", paramLabel = "FILE", description = "Write all results as JSON.")
  @Nullable Path json;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write all results as CSV.")
  @Nullable Path csv;

  @Option(names = "--charts", paramLabel = "DIR", description = "Draw charts as PNG files.")
  @Nullable Path charts;

  @Mixin RunOptions options = new RunOptions();

  RunCommand(Catalogue catalogue, Screen screen) {
    this.catalogue = catalogue;
    this.screen = screen;
  }

  @Override
  public Integer call() {
    Usage usage = new Usage(spec);
    check(usage);
    Stream.of(json, csv).filter(Objects::nonNull).forEach(AtomicFile::prepare);
    Workers workers = options.workers(usage);
    List<Trial> trials = design(usage).trials(options.saturation(catalogue, screen));
    return searched == null ? compare(trials, workers) : search(trials, workers, searched);
  }

  private void check(Usage usage) {
    usage.require(loads.isEmpty() || rates.isEmpty(), "--rate", rates, "not beside --load");
    usage.require(
        searched == null || (loads.isEmpty() && rates.isEmpty()),
        "--search-slo",
        searched,
        "not beside --load or --rate");
    usage.require(
        searched == null || (csv == null && charts == null),
        "--search-slo",
        searched,
        "not beside --csv or --charts");
    usage.distinct("--load", loads);
    usage.distinct("--rate", rates);
    usage.distinct("--routers", routers);
    usage.distinct("--seed", seeds);
    usage.distinct("--fleet", fleets);
    usage.distinct("--faults", faults);
    positive(usage, "--load", loads);
    positive(usage, "--rate", rates);
    positive(usage, "--ttft-slo", List.of(ttftObjective));
    positive(usage, "--itl-slo", List.of(itlObjective));
    positive(usage, "--search-slo", searched == null ? List.of() : List.of(searched));
    routers.forEach(
        number ->
            usage.require(number >= 1 && number <= 10_000, "--routers", number, "1 to 10000"));
  }

  private static void positive(Usage usage, String name, List<Double> numbers) {
    numbers.forEach(
        number -> usage.require(number > 0 && number < 1e9, name, number, "a number above 0"));
  }

  private Design design(Usage usage) {
    Choices choices = new Choices(catalogue, usage);
    return new Design(
        workload.sources(catalogue, usage),
        fleets.stream().map(choices::fleet).toList(),
        faults.stream().map(choices::faults).toList(),
        routers,
        loads.isEmpty() && rates.isEmpty() ? List.of(searched == null ? 0.7 : 1.0) : loads,
        rates,
        choices.policies(policies),
        seeds,
        workload.requests == null ? Long.MAX_VALUE : workload.requests,
        new Objectives(ttftObjective, itlObjective));
  }

  private int compare(List<Trial> trials, Workers workers) {
    Outcome<Row> outcome;
    try (Screen.Bar bar = screen.bar("simulate", trials.size())) {
      outcome = new Experiment(catalogue.runner(), workers).run(trials, bar);
    }
    List<Row> rows = Oracle.added(outcome.results(), catalogue.references());
    if (outcome.isPartial()) {
      Partial.show(
          screen, outcome, ResultTable.of(new Comparison(outcome.results()), new Bounds(trials)));
      throw Partial.failure(outcome);
    }
    Bounds bounds = new Bounds(trials);
    screen.print(ResultTable.of(new Comparison(rows), bounds));
    if (json != null) {
      AtomicFile.write(json, ResultJson.of(rows, bounds));
    }
    if (csv != null) {
      AtomicFile.write(csv, ResultCsv.of(rows, bounds));
    }
    if (charts != null) {
      int drawn = new Charts(charts).of(new Comparison(rows)).size();
      screen.note(drawn + " charts in " + charts);
    }
    return 0;
  }

  private int search(List<Trial> trials, Workers workers, double objective) {
    Outcome<SustainableLoad.Found> outcome;
    try (Screen.Bar bar = screen.bar("search", trials.size())) {
      outcome = new SustainableLoad(catalogue.runner(), workers, objective).search(trials, bar);
    }
    if (outcome.isPartial()) {
      Partial.show(screen, outcome, SustainableLoads.table(outcome.results(), objective));
      throw Partial.failure(outcome);
    }
    screen.print(SustainableLoads.table(outcome.results(), objective));
    if (json != null) {
      AtomicFile.write(json, SustainableLoads.json(outcome.results(), objective));
    }
    return 0;
  }
}
