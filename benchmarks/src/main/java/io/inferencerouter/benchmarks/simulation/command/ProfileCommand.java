package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.WorkloadSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what traffic is like. */
@Command(
    name = "profile",
    header = "Say how variable traffic is, and whether routing by cost will pay.",
    description = "")
final class ProfileCommand implements Callable<Integer> {
  private final Catalogue catalogue;
  private final Screen screen;

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin WorkloadOptions workload = new WorkloadOptions();

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of a generated workload. Default: ${DEFAULT-VALUE}.")
  long seed;

  ProfileCommand(Catalogue catalogue, Screen screen) {
    this.catalogue = catalogue;
    this.screen = screen;
  }

  @Override
  public Integer call() {
    List<WorkloadSource> sources = workload.sources(catalogue, new Usage(spec));
    StringBuilder text = new StringBuilder();
    for (WorkloadSource source : sources) {
      Catalogue.Profile profile = catalogue.profile(source.seeded().apply(seed));
      text.append(text.isEmpty() ? "" : "\n").append(source.name()).append('\n');
      text.append(Listing.of(profile.figures())).append('\n').append(profile.verdict());
      text.append('\n');
      profile.reasons().forEach(reason -> text.append(Listing.wrapped("  - ", reason)));
    }
    screen.print(text.toString());
    return 0;
  }
}
