package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Experiment;
import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.experiment.Outcome;
import io.inferencerouter.benchmarks.simulation.experiment.Recoveries;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import io.inferencerouter.benchmarks.simulation.experiment.Timelines;
import io.inferencerouter.benchmarks.simulation.experiment.Trial;
import io.inferencerouter.benchmarks.simulation.experiment.Workers;
import io.inferencerouter.benchmarks.simulation.report.AtomicFile;
import io.inferencerouter.benchmarks.simulation.report.Bounds;
import io.inferencerouter.benchmarks.simulation.report.Digests;
import io.inferencerouter.benchmarks.simulation.report.Golden;
import io.inferencerouter.benchmarks.simulation.report.Plan;
import io.inferencerouter.benchmarks.simulation.report.PlanResults;
import io.inferencerouter.benchmarks.simulation.report.ResultJson;
import io.inferencerouter.benchmarks.simulation.report.ResultTable;
import io.inferencerouter.benchmarks.simulation.report.SimulationReport;
import io.inferencerouter.benchmarks.simulation.report.goal.Goal;
import io.inferencerouter.benchmarks.simulation.report.goal.Goals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a plan, and writes a report or checks golden numbers. */
@Command(
    name = "report",
    header = "Run a whole plan, and write a report with charts.",
    description = {
      "",
      "With --golden the results are compared with numbers in a file instead, and every difference"
          + " is shown: a change of a policy shows as a difference.",
      ""
    })
final class ReportCommand implements Callable<Integer> {
  private static final int MAX_SHOWN_DIFFERENCES = 40;

  private final Catalogue catalogue;
  private final Screen screen;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--plan",
      paramLabel = "NAME",
      defaultValue = "short",
      description =
          "tiny (seconds), short (seconds), standard (minutes) or full (hours). Default:"
              + " ${DEFAULT-VALUE}.")
  String plan = "";

  @Option(
      names = "--policies",
      paramLabel = "NAME",
      split = ",",
      description = "As for 'run'. Default: what the plan says.")
  List<String> policies = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "docs/simulation-report.md",
      description =
          "The report; charts go into a folder simulation beside it. Default: ${DEFAULT-VALUE}.")
  Path out = Path.of("");

  @Option(names = "--json", paramLabel = "FILE", description = "Write all results as JSON too.")
  @Nullable Path json;

  @Option(
      names = "--golden",
      paramLabel = "FILE",
      description = "Compare with the numbers in this file, and write no report.")
  @Nullable Path golden;

  @Option(
      names = "--trace-dir",
      paramLabel = "DIR",
      description =
          "A folder with the traces that the plan names, NAME.csv or NAME.csv.gz. Without it they"
              + " are left out.")
  @Nullable Path traces;

  @Option(
      names = "--digest",
      description =
          "Print a digest of the results of each setting, the same on every machine and every"
              + " Java, and write no report.")
  boolean digest;

  @Option(names = "--update", description = "Write the file of --golden anew.")
  boolean update;

  @Mixin RunOptions options = new RunOptions();

  ReportCommand(Catalogue catalogue, Screen screen) {
    this.catalogue = catalogue;
    this.screen = screen;
  }

  @Override
  public Integer call() {
    Usage usage = new Usage(spec);
    usage.oneOf("--plan", plan, Plan.NAMES);
    usage.require(!update || golden != null, "--update", "alone", "beside --golden");
    usage.require(!digest || golden == null, "--digest", "given", "not beside --golden");
    usage.require(
        golden == null || update || Files.isRegularFile(golden),
        "--golden",
        golden,
        "a file; --update makes it");
    usage.require(
        traces == null || Files.isDirectory(traces), "--trace-dir", traces, "a folder with traces");
    Stream.of(json, digest ? null : golden == null ? out : golden)
        .filter(Objects::nonNull)
        .forEach(AtomicFile::prepare);
    Plan chosen = Plan.byName(plan);
    Workers workers = options.workers(usage);
    List<Trial> trials =
        new PlanTrials(chosen, catalogue, usage, policies, Optional.ofNullable(traces))
            .all(options.saturation(catalogue, screen));
    Outcome<Row> outcome;
    try (Screen.Bar bar = screen.bar("simulate", trials.size())) {
      outcome = new Experiment(catalogue.runner(), workers).run(trials, bar);
    }
    if (outcome.isPartial()) {
      Bounds bounds = new Bounds(trials);
      Partial.show(screen, outcome, ResultTable.of(new Comparison(outcome.results()), bounds));
      throw Partial.failure(outcome);
    }
    List<Row> rows = Oracle.added(outcome.results(), catalogue.references());
    if (json != null) {
      AtomicFile.write(json, ResultJson.of(rows, new Bounds(trials)));
    }
    if (digest) {
      screen.print(Digests.of(rows));
      return 0;
    }
    return golden == null ? write(chosen, trials, rows) : check(golden, trials, rows);
  }

  private int write(Plan chosen, List<Trial> trials, List<Row> rows) {
    Timelines timelines = new Timelines(trials, rows, catalogue.replay());
    Recoveries recoveries = new Recoveries(timelines);
    PlanResults results =
        new PlanResults(new Comparison(rows), timelines, recoveries, new Bounds(trials));
    List<Goal> goals = Goals.of(results.comparison(), timelines, recoveries, catalogue.replay());
    String command = "report --plan " + plan + (traces == null ? "" : " --trace-dir DIR");
    AtomicFile.write(out, new SimulationReport(chosen, command, results, goals, out).text());
    screen.print(Goals.text(goals));
    screen.note("report: " + out);
    return 0;
  }

  private int check(Path file, List<Trial> trials, List<Row> rows) {
    if (update) {
      AtomicFile.write(file, Golden.of(rows));
      screen.note("golden numbers of " + rows.size() + " rows: " + file);
      return 0;
    }
    List<String> differences = Golden.differences(file, rows);
    if (differences.isEmpty()) {
      Timelines timelines = new Timelines(trials, rows, catalogue.replay());
      List<Goal> goals =
          Goals.of(new Comparison(rows), timelines, new Recoveries(timelines), catalogue.replay());
      screen.print(Goals.text(goals) + "\n");
      screen.print("golden numbers: " + rows.size() + " rows, no difference\n");
      return 0;
    }
    differences.stream().limit(MAX_SHOWN_DIFFERENCES).forEach(line -> screen.print(line + "\n"));
    if (differences.size() > MAX_SHOWN_DIFFERENCES) {
      screen.print("… and " + (differences.size() - MAX_SHOWN_DIFFERENCES) + " more\n");
    }
    throw new Failure(
        differences.size()
            + " differences from "
            + file
            + " (expected: none; if the change is meant, write it anew with --update)");
  }
}
