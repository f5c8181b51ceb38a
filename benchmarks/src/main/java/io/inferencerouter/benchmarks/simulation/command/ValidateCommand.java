package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.report.ResultTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares the modelled endpoints with measurements. */
@Command(
    name = "validate",
    header = "Say how well the modelled GPUs fit measured ones.",
    description = "")
final class ValidateCommand implements Callable<Integer> {
  private final Catalogue catalogue;
  private final Screen screen;

  @Option(
      names = "--calibration",
      paramLabel = "DIR",
      required = true,
      description = "A folder with grids of measured times.")
  Path folder = Path.of("");

  ValidateCommand(Catalogue catalogue, Screen screen) {
    this.catalogue = catalogue;
    this.screen = screen;
  }

  @Override
  public Integer call() {
    if (!Files.isDirectory(folder)) {
      throw new Failure(folder + ": no such folder");
    }
    Catalogue.Fit fit = catalogue.fit(folder);
    screen.print(ResultTable.table(fit.header(), fit.lines()) + "\n");
    return 0;
  }
}
