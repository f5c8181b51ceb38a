package io.inferencerouter.benchmarks.simulation.command;

import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.fleet.Fleets;
import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.fleet.Gpus;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.report.ResultTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Commands that tell what there is. */
final class ListCommands {
  private ListCommands() {}

  /** Policies. */
  @Command(name = "policies", header = "List the policies.", description = "")
  static final class Policies implements Callable<Integer> {
    private final Catalogue catalogue;
    private final Screen screen;

    Policies(Catalogue catalogue, Screen screen) {
      this.catalogue = catalogue;
      this.screen = screen;
    }

    @Override
    public Integer call() {
      StringBuilder text = new StringBuilder();
      for (Policy.Standing standing : Policy.Standing.values()) {
        Map<String, String> own = new LinkedHashMap<>();
        for (Policy policy : catalogue.policies()) {
          if (policy.standing() == standing) {
            own.put(policy.name(), policy.description());
          }
        }
        if (standing == Policy.Standing.REFERENCE && !catalogue.references().isEmpty()) {
          own.put(Oracle.NAME, "The best of the references, figure by figure; greedy is no bound.");
        }
        if (!own.isEmpty()) {
          text.append(text.isEmpty() ? "" : "\n").append(title(standing)).append('\n');
          text.append(Listing.of(own));
        }
      }
      screen.print(text.toString());
      return 0;
    }

    private static String title(Policy.Standing standing) {
      return switch (standing) {
        case OURS -> "The library:";
        case RIVAL -> "Rivals that are told nothing:";
        case INFORMED_RIVAL -> "Rivals that are told the true weights, or the endpoints' load:";
        case REFERENCE -> "References that know the future:";
      };
    }
  }

  /** Fleets, GPUs and faults. */
  @Command(name = "fleets", header = "List the fleets, the GPUs and the faults.", description = "")
  static final class FleetNames implements Callable<Integer> {
    private final Screen screen;

    FleetNames(Screen screen) {
      this.screen = screen;
    }

    @Override
    public Integer call() {
      List<List<String>> lines = new ArrayList<>();
      for (GpuModel gpu : Gpus.all().values()) {
        lines.add(
            List.of(
                gpu.name(),
                number(gpu.a()),
                number(gpu.b()),
                number(gpu.c()),
                number(gpu.c0()),
                number(gpu.d()),
                number(gpu.e()),
                Long.toString(gpu.kvTokens())));
      }
      screen.print(
          "Fleets:\n"
              + Listing.of(Fleets.names())
              + "\nFaults:\n"
              + Listing.of(Faults.names())
              + "\nGPUs; times in milliseconds, H100 and A100 measured, others within 30 %:\n"
              + ResultTable.table(List.of("gpu", "a", "b", "c", "c0", "d", "e", "kv tokens"), lines)
              + "\n\nA prefill of n tokens behind k cached ones takes a + b·n + c·(n² + 2·n·k), a"
              + " decode step\nof B sequences with S tokens of context beside q of prefill"
              + " c0 + d·B + e·S + b·q.\n");
      return 0;
    }

    private static String number(double number) {
      return String.format(java.util.Locale.ROOT, "%.3g", number);
    }
  }

  /** Workloads. */
  @Command(name = "workloads", header = "List the generated workloads.", description = "")
  static final class WorkloadNames implements Callable<Integer> {
    private final Catalogue catalogue;
    private final Screen screen;

    WorkloadNames(Catalogue catalogue, Screen screen) {
      this.catalogue = catalogue;
      this.screen = screen;
    }

    @Override
    public Integer call() {
      screen.print(Listing.of(catalogue.workloads()));
      return 0;
    }
  }
}
