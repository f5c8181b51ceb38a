package io.inferencerouter.examples.demo;

import io.inferencerouter.examples.demo.report.Chart;
import io.inferencerouter.examples.demo.report.PolicyResult;
import io.inferencerouter.examples.demo.report.Progress;
import io.inferencerouter.examples.demo.report.ReactionLog;
import io.inferencerouter.examples.demo.report.RequestLog;
import io.inferencerouter.examples.demo.report.Terminal;
import io.inferencerouter.examples.demo.scenario.Scenario;
import io.inferencerouter.examples.demo.transport.Transport;
import io.inferencerouter.examples.demo.workload.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Shows what balancing predicted time is good for: the same requests at the same times go to the
 * same servers with one policy after the other.
 */
@Command(
    name = "demo",
    sortOptions = false,
    description = {
      "Sends requests of very different length to a fleet of real model servers of different"
          + " speed, with one routing policy after the other, and compares them.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every request was answered rightly",
      "1:a request failed or was lost, or the demo itself failed",
      "2:an option was wrong"
    })
public final class Demo implements Callable<Integer> {
  private static final OptionSpec HELP =
      OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private DemoOptions options = new DemoOptions();

  /** Runs the demo and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine command = new CommandLine(new Demo());
    command.getCommandSpec().addOption(HELP);
    return command
        .setParameterExceptionHandler(Demo::refuse)
        .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
  }

  private static int refuse(ParameterException wrong, String[] args) {
    PrintWriter err = wrong.getCommandLine().getErr();
    err.println(wrong.getMessage());
    err.println("Try --help.");
    return CommandLine.ExitCode.USAGE;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.validate(spec.commandLine());
    PrintWriter out = spec.commandLine().getOut();
    Narrator narrator = new Narrator(out, options);
    try (Scenario scenario = options.work().prepare(options.settings(), narrator::say);
        LoopbackFleet fleet = LoopbackFleet.start(scenario)) {
      Optional<FaultPlan> faults =
          options.faults() ? Optional.of(fleet.faults()) : Optional.empty();
      narrator.planned(scenario.capacity(), faults);
      WarmUp.run(scenario, fleet, options.policies());
      List<PolicyResult> results = compare(scenario, fleet, faults, out);
      Path chart = file("png");
      String title =
          options.work()
              + ", "
              + options.fleet()
              + " fleet"
              + overGrpc(", over gRPC")
              + withFaults(", with faults");
      Chart.write(chart, title, scenario.headline(), results);
      Optional<Path> reactions = faults.map(unused -> file("reactions.csv"));
      if (reactions.isPresent()) {
        ReactionLog.write(reactions.get(), results);
      }
      narrator.finished(scenario.headline(), results, chart, file("csv"), reactions);
      return results.stream().allMatch(PolicyResult::complete) ? 0 : 1;
    }
  }

  private List<PolicyResult> compare(
      Scenario scenario, LoopbackFleet fleet, Optional<FaultPlan> faults, PrintWriter out)
      throws IOException, InterruptedException {
    Files.createDirectories(options.directory());
    Workload workload = scenario.workload();
    List<PolicyResult> results = new ArrayList<>();
    try (RequestLog log = new RequestLog(file("csv"))) {
      PolicyRun run = new PolicyRun(scenario, fleet, faults);
      for (Policy policy : options.policies()) {
        try (Progress progress = progress(policy, workload, out)) {
          results.add(run.run(policy, workload, progress::step, log::add));
        }
      }
    }
    return results;
  }

  private Progress progress(Policy policy, Workload workload, PrintWriter out) {
    String task = String.format("%-17s", policy);
    int steps = workload.jobs().size();
    return Terminal.isInteractive() ? Progress.bar(task, steps) : Progress.lines(task, steps, out);
  }

  /** The words where requests travel over gRPC, and nothing where they do not. */
  private String overGrpc(String words) {
    return options.transport() == Transport.GRPC ? words : "";
  }

  /** The words where endpoints fail, and nothing where they do not. */
  private String withFaults(String words) {
    return options.faults() ? words : "";
  }

  private Path file(String type) {
    String name =
        "demo-"
            + options.work()
            + "-"
            + options.fleet()
            + overGrpc("-grpc")
            + withFaults("-faults");
    return options.directory().resolve(name + "." + type);
  }
}
