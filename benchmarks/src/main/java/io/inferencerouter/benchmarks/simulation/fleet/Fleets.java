package io.inferencerouter.benchmarks.simulation.fleet;

import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.Drain;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.Join;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.Restart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Fleets by name. */
public final class Fleets {
  private static final int MAX_SIZE = 10_000;
  private static final Pattern SIZED = Pattern.compile("(equal|mixed|wild)-([1-9][0-9]{0,4})");

  /** Wild fleets: the slowest takes so many times longer than the fastest. */
  private static final double WILD_SPREAD = 8;

  private static final List<String> MIX = List.of("H100", "A100", "L4", "T4");
  private static final List<String> REGIONS = List.of("eu", "us", "asia");
  private static final double RESTART_SECONDS = 20;

  private static final Map<String, String> NAMES = new LinkedHashMap<>();

  static {
    for (int size : new int[] {4, 8, 16, 64}) {
      NAMES.put("equal-" + size, size + " H100; equal-N for any N.");
    }
    for (int size : new int[] {4, 8, 16, 64}) {
      NAMES.put("mixed-" + size, size + " of H100, A100, L4 and T4 in turn; mixed-N for any N.");
    }
    NAMES.put("wild-8", "8 like an A100, from twice as fast to 4 times as slow; wild-N for any N.");
    NAMES.put("multi-model-8", "8 H100 that serve any model and hold 2 at a time.");
    NAMES.put("multi-region-9", "3 H100 in each of the regions eu, us and asia.");
    NAMES.put("growth", "4 H100, to which 4 more come one by one, with cold caches.");
    NAMES.put("drain", "8 H100, of which 3 leave one by one and finish what they have.");
    NAMES.put("rolling-restart", "8 H100 that restart one after the other, each down for 20 s.");
  }

  private Fleets() {}

  /** Names, with what they stand for in a sentence. */
  public static Map<String, String> names() {
    return Collections.unmodifiableMap(NAMES);
  }

  /** The fleet of a name; empty if there is none. */
  public static Optional<FleetSpec> byName(String name) {
    Matcher sized = SIZED.matcher(name);
    if (sized.matches()) {
      int size = Integer.parseInt(sized.group(2));
      return size > MAX_SIZE
          ? Optional.empty()
          : Optional.of(
              switch (sized.group(1)) {
                case "equal" -> fleet(name, size, place -> gpu("H100"));
                case "mixed" -> fleet(name, size, place -> gpu(MIX.get(place % MIX.size())));
                default -> fleet(name, size, place -> wild(place, size));
              });
    }
    return switch (name) {
      case "multi-model-8" -> Optional.of(multiModel(name));
      case "multi-region-9" -> Optional.of(multiRegion(name));
      case "growth" -> Optional.of(growth(name));
      case "drain" -> Optional.of(drain(name));
      case "rolling-restart" -> Optional.of(rollingRestart(name));
      default -> Optional.empty();
    };
  }

  private static GpuModel gpu(String name) {
    return Gpus.byName(name).orElseThrow();
  }

  private static FleetSpec fleet(String name, int size, IntFunction<GpuModel> gpu) {
    return new FleetSpec(
        name, StandardEndpoint.of(IntStream.range(0, size).mapToObj(gpu).toList()), List.of());
  }

  /** Speeds in even ratios, from twice an A100's on. */
  private static GpuModel wild(int place, int size) {
    double position = size == 1 ? 0 : (double) place / (size - 1);
    double factor = StrictMath.pow(WILD_SPREAD, position) / 2;
    return Gpus.slower("wild" + place, gpu("A100"), factor);
  }

  private static FleetSpec multiModel(String name) {
    List<EndpointSpec> endpoints = new ArrayList<>();
    for (EndpointSpec endpoint : fleet(name, 8, place -> gpu("H100")).endpoints()) {
      endpoints.add(
          new EndpointSpec(
              endpoint.id(),
              endpoint.gpu(),
              endpoint.region(),
              endpoint.models(),
              2,
              endpoint.weight(),
              endpoint.maxConcurrency(),
              endpoint.networkNanos()));
    }
    return new FleetSpec(name, endpoints, List.of());
  }

  private static FleetSpec multiRegion(String name) {
    List<EndpointSpec> endpoints = new ArrayList<>();
    for (String region : REGIONS) {
      for (int place = 1; place <= 3; place++) {
        endpoints.add(StandardEndpoint.in(region, region + "-" + place, gpu("H100")));
      }
    }
    return new FleetSpec(name, endpoints, List.of());
  }

  private static FleetSpec growth(String name) {
    List<FleetChange> changes = new ArrayList<>();
    for (int place = 0; place < 4; place++) {
      changes.add(
          new Join(0.2 + 0.15 * place, StandardEndpoint.of("h100-" + (5 + place), gpu("H100"))));
    }
    return fleet(name, 4, place -> gpu("H100")).withChanges(changes);
  }

  private static FleetSpec drain(String name) {
    FleetSpec fleet = fleet(name, 8, place -> gpu("H100"));
    List<FleetChange> changes = new ArrayList<>();
    for (int place = 0; place < 3; place++) {
      changes.add(new Drain(0.3 + 0.2 * place, fleet.endpoints().get(place).id()));
    }
    return fleet.withChanges(changes);
  }

  private static FleetSpec rollingRestart(String name) {
    FleetSpec fleet = fleet(name, 8, place -> gpu("H100"));
    List<FleetChange> changes = new ArrayList<>();
    for (int place = 0; place < 8; place++) {
      changes.add(
          new Restart(0.15 + 0.1 * place, fleet.endpoints().get(place).id(), RESTART_SECONDS));
    }
    return fleet.withChanges(changes);
  }
}
