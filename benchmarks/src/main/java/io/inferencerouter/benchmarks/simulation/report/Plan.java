package io.inferencerouter.benchmarks.simulation.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * What a report is made of, by name; from the resource {@code plan-NAME.json} beside this class.
 *
 * @param name on the command line
 * @param requests of each run at most
 * @param seeds the same for all groups
 * @param policies as on the command line
 * @param groups in the order in which they are run
 */
public record Plan(
    String name, long requests, List<Long> seeds, List<String> policies, List<Group> groups) {
  /** The names there are. */
  public static final List<String> NAMES = List.of("tiny", "short", "standard", "full");

  public Plan {
    seeds = List.copyOf(seeds);
    policies = List.copyOf(policies);
    groups = List.copyOf(groups);
  }

  /**
   * Everything with everything.
   *
   * @param workloads by name
   * @param traces files in a folder that may be given, by name without an ending; they may be
   *     absent
   * @param fleets by name
   * @param routers numbers of clients
   * @param loads as shares of saturation
   * @param faults by name
   * @param requests of each run at most; 0 for the plan's
   * @param policies none for the plan's
   * @param seeds none for the plan's
   */
  public record Group(
      List<String> workloads,
      List<String> traces,
      List<String> fleets,
      List<Integer> routers,
      List<Double> loads,
      List<String> faults,
      long requests,
      List<String> policies,
      List<Long> seeds) {
    public Group {
      traces = traces == null ? List.of() : List.copyOf(traces);
      policies = policies == null ? List.of() : List.copyOf(policies);
      seeds = seeds == null ? List.of() : List.copyOf(seeds);
      workloads = List.copyOf(workloads);
      fleets = List.copyOf(fleets);
      routers = List.copyOf(routers);
      loads = List.copyOf(loads);
      faults = List.copyOf(faults);
    }
  }

  /** Reads the plan of a name, which is one of {@link #NAMES}. */
  public static Plan byName(String name) {
    String resource = "plan-" + name + ".json";
    try (InputStream stream = Plan.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalArgumentException(
            "plan: " + name + " (expected: one of " + String.join(", ", NAMES) + ")");
      }
      return new ObjectMapper().readValue(stream, Plan.class);
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }
}
