package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.FaultSource;
import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.FleetReader;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.fleet.Fleets;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Fleets, faults and policies as they are named on the command line. */
final class Choices {
  private static final String JSON = ".json";

  private final Catalogue catalogue;
  private final Usage usage;

  Choices(Catalogue catalogue, Usage usage) {
    this.catalogue = catalogue;
    this.usage = usage;
  }

  /** A fleet by name, or out of a file. */
  FleetSpec fleet(String name) {
    if (isFile(name)) {
      return FleetReader.read(Path.of(name));
    }
    return Fleets.byName(name)
        .orElseThrow(
            () ->
                usage.wrong(
                    "--fleet",
                    name,
                    "a JSON file, or one of " + String.join(", ", Fleets.names().keySet())));
  }

  /** Faults by name, or out of a file. */
  FaultSource faults(String name) {
    if (isFile(name)) {
      Path file = Path.of(name);
      return new FaultSource(FleetReader.stem(file), fleet -> FleetReader.readFaults(file, fleet));
    }
    usage.require(
        Faults.names().containsKey(name),
        "--faults",
        name,
        "a JSON file, or one of " + String.join(", ", Faults.names().keySet()));
    return new FaultSource(name, fleet -> Faults.byName(name, fleet).orElseThrow());
  }

  private static boolean isFile(String name) {
    return name.endsWith(JSON) || Files.isRegularFile(Path.of(name));
  }

  /** Policies by name or by kind, in the order of the catalogue. */
  List<Policy> policies(List<String> names) {
    Set<String> chosen = new LinkedHashSet<>();
    for (String name : names) {
      List<String> found =
          catalogue.policies().stream().filter(matching(name)).map(Policy::name).toList();
      if (found.isEmpty()) {
        List<String> all = catalogue.policies().stream().map(Policy::name).toList();
        throw usage.wrong(
            "--policies", name, "all, rivals, oracle, or some of " + String.join(", ", all));
      }
      chosen.addAll(found);
    }
    return catalogue.policies().stream().filter(policy -> chosen.contains(policy.name())).toList();
  }

  private Predicate<Policy> matching(String name) {
    return switch (name) {
      case "all" -> policy -> true;
      case "rivals" ->
          policy ->
              policy.standing() == Standing.RIVAL || policy.standing() == Standing.INFORMED_RIVAL;
      case Oracle.NAME -> policy -> catalogue.references().contains(policy.name());
      default -> policy -> policy.name().equals(name);
    };
  }
}
