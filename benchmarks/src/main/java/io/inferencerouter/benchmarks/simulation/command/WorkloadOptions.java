package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.WorkloadSource;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which requests. */
final class WorkloadOptions {
  static final long DEFAULT_REQUESTS = 20_000;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      split = ",",
      description = "Requests out of a CSV file with a header, also gzipped (.gz).")
  List<Path> traces = new ArrayList<>();

  @Option(
      names = "--workload",
      paramLabel = "NAME",
      split = ",",
      description = "Generated requests; 'workloads' lists them. Without either: chat.")
  List<String> workloads = new ArrayList<>();

  @Option(
      names = "--requests",
      paramLabel = "N",
      description =
          "Requests of a run at most. Default: " + DEFAULT_REQUESTS + ", or the whole trace.")
  @Nullable Long requests;

  List<WorkloadSource> sources(Catalogue catalogue, Usage usage) {
    usage.require(requests == null || requests > 0, "--requests", requests, "1 or more");
    usage.distinct("--trace", traces);
    usage.distinct("--workload", workloads);
    List<WorkloadSource> sources = new ArrayList<>();
    for (Path trace : traces) {
      sources.add(trace(catalogue, trace, requests));
    }
    List<String> names = traces.isEmpty() && workloads.isEmpty() ? List.of("chat") : workloads;
    long most = requests == null ? DEFAULT_REQUESTS : requests;
    for (String name : names) {
      sources.add(generated(catalogue, usage, name, most));
    }
    return sources;
  }

  static WorkloadSource generated(Catalogue catalogue, Usage usage, String name, long requests) {
    usage.oneOf("workload", name, catalogue.workloads().keySet());
    return new WorkloadSource(
        name, name + " " + requests, seed -> catalogue.workload(name, seed, requests));
  }

  static WorkloadSource trace(Catalogue catalogue, Path file, @Nullable Long requests) {
    if (!Files.isRegularFile(file)) {
      throw new Failure(file + (Files.exists(file) ? ": is not a file" : ": no such file"));
    }
    Workload whole = catalogue.trace(file);
    Workload used = requests == null ? whole : catalogue.limited(whole, requests);
    try {
      String description =
          file.toAbsolutePath()
              + " "
              + Files.size(file)
              + " "
              + Files.getLastModifiedTime(file).toMillis()
              + " "
              + requests;
      return new WorkloadSource(whole.name(), description, seed -> used);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read: " + e, e);
    }
  }
}
