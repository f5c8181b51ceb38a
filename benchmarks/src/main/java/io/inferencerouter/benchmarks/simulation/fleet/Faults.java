package io.inferencerouter.benchmarks.simulation.fleet;

import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.ClientsRestart;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.Crash;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.FastFailure;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.Join;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.Noise;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.Restart;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.Slow;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange.Stall;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What can go wrong, by name; it fits any fleet, of which it meets the first endpoints. */
public final class Faults {
  /** The name of no fault. */
  public static final String NONE = "none";

  /** The name of what changes nothing but chance: one endpoint a little slower for a second. */
  public static final String CONTROL = "control";

  /** The name of an endpoint that takes 3 times as long for a minute. */
  public static final String SLOW_ONE = "slow-one";

  /** The name of an endpoint more, of the kind of the first. */
  public static final String ONE_MORE = "one-more";

  private static final double START = 0.3;
  private static final double SLOW_SECONDS = 60;
  private static final double STALL_SECONDS = 15;
  private static final double DOWN_SECONDS = 20;

  private static final Map<String, String> NAMES = new LinkedHashMap<>();

  static {
    NAMES.put(NONE, "Nothing goes wrong.");
    NAMES.put(
        CONTROL,
        "Next to nothing: one endpoint takes 1.01 times as long for a second. The rest is chance.");
    NAMES.put(SLOW_ONE, "One endpoint takes 3 times as long, for a minute.");
    NAMES.put("gray", "One endpoint takes 10 times as long, for a minute, and reports no error.");
    NAMES.put("crash", "One endpoint loses its work, refuses connections, and stays away.");
    NAMES.put("fast-fail", "One endpoint fails 9 of 10 requests at once, for a minute.");
    NAMES.put("stall", "One endpoint stands still for 15 seconds, with connections open.");
    NAMES.put("throttle", "A quarter of the endpoints run hot and take 1.4 times as long.");
    NAMES.put("restart", "One endpoint restarts, is away for 20 seconds, and has cold caches.");
    NAMES.put(ONE_MORE, "One endpoint more, like the first, joins with cold caches.");
    NAMES.put(
        "noise", "Every step of every endpoint takes a random time, with a variation of 0.3.");
    NAMES.put("clients-restart", "All clients start again at once and know nothing.");
    NAMES.put("chaos", "Noise, a slow endpoint, a restart, a stall, failures and new clients.");
  }

  private Faults() {}

  /** Names, with what they stand for in a sentence. */
  public static Map<String, String> names() {
    return Collections.unmodifiableMap(NAMES);
  }

  /** What happens to a fleet under that name; empty if there is no such name. */
  public static Optional<List<FleetChange>> byName(String name, FleetSpec fleet) {
    String first = endpoint(fleet, 0);
    return Optional.ofNullable(
        switch (name) {
          case NONE -> List.of();
          case CONTROL -> List.of(new Slow(START, first, 1.01, 1));
          case SLOW_ONE -> List.of(new Slow(START, first, 3, SLOW_SECONDS));
          case "gray" -> List.of(new Slow(START, first, 10, SLOW_SECONDS));
          case "crash" -> List.of(new Crash(START, first));
          case "fast-fail" -> List.of(new FastFailure(START, first, 0.9, SLOW_SECONDS));
          case "stall" -> List.of(new Stall(START, first, STALL_SECONDS));
          case "throttle" -> throttle(fleet);
          case "restart" -> List.of(new Restart(START, first, DOWN_SECONDS));
          case ONE_MORE -> List.of(new Join(START, fleet.endpoints().get(0).named(ONE_MORE)));
          case "noise" -> noise(fleet);
          case "clients-restart" -> List.of(new ClientsRestart(0.5));
          case "chaos" -> chaos(fleet);
          default -> null;
        });
  }

  private static List<FleetChange> throttle(FleetSpec fleet) {
    List<FleetChange> changes = new ArrayList<>();
    for (int place = 0; place < (fleet.endpoints().size() + 3) / 4; place++) {
      changes.add(new Slow(START, endpoint(fleet, place), 1.4, 2 * SLOW_SECONDS));
    }
    return changes;
  }

  private static List<FleetChange> noise(FleetSpec fleet) {
    List<FleetChange> changes = new ArrayList<>();
    for (EndpointSpec endpoint : fleet.endpoints()) {
      changes.add(new Noise(0, endpoint.id(), 0.3));
    }
    return changes;
  }

  private static List<FleetChange> chaos(FleetSpec fleet) {
    List<FleetChange> changes = noise(fleet);
    changes.add(new Slow(0.2, endpoint(fleet, 0), 3, SLOW_SECONDS));
    changes.add(new Restart(0.35, endpoint(fleet, 1), DOWN_SECONDS));
    changes.add(new Stall(0.5, endpoint(fleet, 2), STALL_SECONDS));
    changes.add(new FastFailure(0.65, endpoint(fleet, 3), 0.9, DOWN_SECONDS));
    changes.add(new ClientsRestart(0.8));
    return changes;
  }

  private static String endpoint(FleetSpec fleet, int place) {
    return fleet.endpoints().get(place % fleet.endpoints().size()).id();
  }
}
