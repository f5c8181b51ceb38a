package io.inferencerouter.benchmarks.simulation.command;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The simulator's command line. Exits with 0 if all went well, 1 if something failed, 2 if the
 * command line is wrong.
 */
@Command(
    name = "simulator",
    header = "Simulates inference fleets, and compares ways to balance them.",
    description = {
      "",
      "The real router and published policies, in virtual time, against modelled GPUs. The same"
          + " seed gives the same results.",
      ""
    },
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Start with 'run --workload chat --fleet mixed-8'; 'COMMAND --help' explains a command.",
      "Exit codes: 0 all went well, 1 something failed, 2 the command line is wrong."
    })
public final class Simulator implements Runnable {
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this.")
  boolean help;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show where an error comes from.")
  boolean verbose;

  private Simulator() {}

  /** Runs a command, and exits. */
  @SuppressWarnings("SystemConsoleNull") // The property below keeps it null without a terminal
  public static void main(String... args) {
    // Charts are drawn without a screen; a console is a terminal in every Java only like this
    System.setProperty("java.awt.headless", "true");
    System.setProperty("jdk.console", "java.base");
    Screen screen =
        new Screen(
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8),
            System.console() != null);
    System.exit(run(new LibraryCatalogue(), screen, args));
  }

  /** Runs a command. */
  static int run(Catalogue catalogue, Screen screen, String... args) {
    Simulator simulator = new Simulator();
    CommandLine line =
        new CommandLine(simulator)
            .addSubcommand(new RunCommand(catalogue, screen))
            .addSubcommand(new ProfileCommand(catalogue, screen))
            .addSubcommand(new ListCommands.Policies(catalogue, screen))
            .addSubcommand(new ListCommands.FleetNames(screen))
            .addSubcommand(new ListCommands.WorkloadNames(catalogue, screen))
            .addSubcommand(new ValidateCommand(catalogue, screen))
            .addSubcommand(new ReportCommand(catalogue, screen));
    line.setOut(screen.out()).setErr(screen.err());
    line.setUsageHelpWidth(Listing.WIDTH).setUsageHelpAutoWidth(false);
    line.setParameterExceptionHandler((e, wrong) -> usage(screen, e));
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(screen, e, simulator.verbose));
    int exit = line.execute(args);
    screen.err().flush();
    if (screen.out().checkError()) {
      screen.note("simulator: standard output: cannot be written, or not to its end");
      return Math.max(exit, FAILED);
    }
    return exit;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "command: none (expected: one; see --help)");
  }

  private static int usage(Screen screen, ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    screen.note(command + ": " + oneLine(e) + "; '" + command + " --help' explains it");
    return WRONG_USAGE;
  }

  private static int failed(Screen screen, Exception e, boolean verbose) {
    screen.note("simulator: " + oneLine(e));
    if (verbose) {
      e.printStackTrace(screen.err());
      screen.err().flush();
    }
    return FAILED;
  }

  private static String oneLine(Exception e) {
    String message = e.getMessage();
    return message == null || message.isBlank()
        ? e.getClass().getSimpleName()
        : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
