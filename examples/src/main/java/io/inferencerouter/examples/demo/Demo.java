package io.inferencerouter.examples.demo;

import io.inferencerouter.examples.demo.engine.Calibration;
import io.inferencerouter.examples.demo.engine.MiniLm;
import io.inferencerouter.examples.demo.report.Chart;
import io.inferencerouter.examples.demo.report.PolicyResult;
import io.inferencerouter.examples.demo.report.Progress;
import io.inferencerouter.examples.demo.report.RequestLog;
import io.inferencerouter.examples.demo.report.Terminal;
import io.inferencerouter.examples.demo.workload.AnswerCheck;
import io.inferencerouter.examples.demo.workload.DocumentGenerator;
import io.inferencerouter.examples.demo.workload.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Shows what balancing predicted time is good for: the same documents at the same times go to the
 * same servers with one policy after the other.
 */
@Command(
    name = "demo",
    sortOptions = false,
    description = {
      "Embeds documents of very different length on a fleet of real model servers of different"
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
  private static final Duration WARM_UP = Duration.ofMillis(1500);
  private static final int CALIBRATION_DOCUMENTS = 12;

  /**
   * The longest time for a token from which slow-downs count. It keeps the run short on a slow or
   * busy machine, at the price of less room between real computing and stated time.
   */
  private static final double SLOWEST_UNIT_NANOS = 150_000;

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
    try (MiniLm engine = MiniLm.load()) {
      narrator.loaded();
      Calibration measured = measure(engine);
      Calibration calibration = measured.atMost(SLOWEST_UNIT_NANOS);
      narrator.calibrated(measured, calibration);
      Workload workload =
          Workload.create(
              options.seed(), options.size(), options.load(), options.fleet(), engine, calibration);
      try (LoopbackFleet fleet = LoopbackFleet.start(options.fleet(), engine, calibration)) {
        narrator.planned(fleet, workload);
        WarmUp.run(fleet, engine, options.policies());
        List<PolicyResult> results = compare(fleet, workload, engine, out);
        Path chart = options.directory().resolve("demo-" + options.fleet() + ".png");
        Chart.write(chart, options.fleet() + " fleet", results);
        narrator.finished(results, chart, csv());
        return results.stream().allMatch(PolicyResult::complete) ? 0 : 1;
      }
    }
  }

  private Calibration measure(MiniLm engine) throws IOException, InterruptedException {
    DocumentGenerator generator = new DocumentGenerator(options.seed() + 1);
    List<String> pages = new ArrayList<>();
    for (int i = 0; i < CALIBRATION_DOCUMENTS; i++) {
      pages.add(generator.next().pages().get(0));
    }
    return Calibration.measure(engine, pages, WARM_UP);
  }

  private List<PolicyResult> compare(
      LoopbackFleet fleet, Workload workload, MiniLm engine, PrintWriter out)
      throws IOException, InterruptedException {
    Files.createDirectories(options.directory());
    List<PolicyResult> results = new ArrayList<>();
    try (RequestLog log = new RequestLog(csv())) {
      PolicyRun run = new PolicyRun(fleet, new AnswerCheck(engine));
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

  private Path csv() {
    return options.directory().resolve("demo-" + options.fleet() + ".csv");
  }
}
