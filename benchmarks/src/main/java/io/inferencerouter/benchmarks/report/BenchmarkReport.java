package io.inferencerouter.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import joptsimple.OptionException;
import joptsimple.OptionParser;
import joptsimple.OptionSet;
import joptsimple.OptionSpec;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Measures what routing costs, and writes the report.
 *
 * <p>A full run takes about half an hour for each JVM; {@code --quick} some minutes, with figures
 * that are good for orientation; {@code --smoke} less than a minute, and writes nothing.
 */
public final class BenchmarkReport {
  private static final double CHECK_MARGIN = 1.1;
  private static final double SMOKE_MARGIN = 1.5;

  private BenchmarkReport() {}

  /** Runs the benchmarks; exits with 1 if {@code --check} finds a target missed. */
  public static void main(String... args) throws IOException, RunnerException {
    OptionParser parser = new OptionParser();
    OptionSpec<Void> help = parser.accepts("help", "explain the options").forHelp();
    OptionSpec<String> jvms =
        parser
            .accepts("jvm", "the java command of a further JVM to measure on; may be repeated")
            .withRequiredArg();
    OptionSpec<Void> quick = parser.accepts("quick", "measure briefly");
    OptionSpec<Void> check =
        parser.accepts(
            "check", "fail if a target is missed by more than a factor of " + CHECK_MARGIN);
    OptionSpec<Void> smoke =
        parser.accepts(
            "smoke",
            "only check, in less than a minute, that the default selector is not far off its"
                + " targets");
    OptionSpec<String> output =
        parser.nonOptions("the file to write the report to; without it, it is printed");
    OptionSet options;
    try {
      options = parser.parse(args);
    } catch (OptionException e) {
      System.err.println(e.getMessage());
      parser.printHelpOn(System.err);
      System.exit(2);
      return;
    }
    if (options.has(help)) {
      parser.printHelpOn(System.out);
      return;
    }

    Effort effort = options.has(smoke) ? Effort.SMOKE : Effort.FULL;
    if (options.has(quick)) {
      effort = Effort.QUICK;
    }
    List<String> commands = new ArrayList<>();
    commands.add(ProcessHandle.current().info().command().orElse("java"));
    commands.addAll(options.valuesOf(jvms));
    List<Results> results = new ArrayList<>();
    for (String command : commands) {
      results.add(new Measuring(command, effort).run());
    }
    if (!options.has(smoke)) {
      write(new MarkdownReport(results).text(), options.valuesOf(output));
    }
    boolean missed = false;
    for (Results result : results) {
      for (Target target : Target.values()) {
        double measured = target.measured(result);
        if (!Double.isNaN(measured)) {
          System.out.printf("%s: %s%n", result.jvm(), target.sentence(measured));
          missed |= target.isMissed(measured, effort == Effort.SMOKE ? SMOKE_MARGIN : CHECK_MARGIN);
        }
      }
    }
    if (missed && (options.has(check) || options.has(smoke))) {
      System.err.println("benchmarks: a target is missed (expected: all met within the margin)");
      System.exit(1);
    }
  }

  private static void write(String report, List<String> files) throws IOException {
    if (files.isEmpty()) {
      System.out.println(report);
    }
    for (String file : files) {
      Files.writeString(Path.of(file), report);
    }
  }
}
