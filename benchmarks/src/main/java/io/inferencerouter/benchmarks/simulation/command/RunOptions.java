package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.SaturationCache;
import io.inferencerouter.benchmarks.simulation.experiment.Workers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How runs are made. */
final class RunOptions {
  private static final Path DEFAULT_CACHE = Path.of("target", "simulator-cache");

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Runs at a time. Default: the number of processors.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Where measured saturations are kept. Default: target/simulator-cache if there is a"
              + " folder target, else nowhere.")
  @Nullable Path cache;

  Workers workers(Usage usage) {
    usage.require(threads > 0, "--threads", threads, "1 or more");
    return new Workers(threads);
  }

  SaturationCache saturation(Catalogue catalogue, Screen screen) {
    return new SaturationCache(catalogue.saturation(), folder(), screen::note);
  }

  private Optional<Path> folder() {
    if (cache != null) {
      return Optional.of(cache);
    }
    Path target = DEFAULT_CACHE.getName(0);
    return Files.isDirectory(target) && Files.isWritable(target)
        ? Optional.of(DEFAULT_CACHE)
        : Optional.empty();
  }
}
