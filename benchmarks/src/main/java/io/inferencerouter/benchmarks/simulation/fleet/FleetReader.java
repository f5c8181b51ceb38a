package io.inferencerouter.benchmarks.simulation.fleet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads fleets and faults from JSON files.
 *
 * <pre>
 *   {"name": "mine",
 *    "endpoints": [
 *      {"gpu": "H100", "count": 2},
 *      {"gpu": "mine", "a": 6, "b": 0.02, "c": 1e-6, "c0": 7, "d": 0.01, "e": 5e-5, "kv": 400000,
 *       "id": "fast", "region": "eu", "models": ["m"], "maxResidentModels": 1, "weight": 2,
 *       "maxConcurrency": 128, "networkMs": 1}],
 *    "changes": [{"at": 0.5, "type": "slow", "endpoint": "fast", "factor": 3, "seconds": 60}]}
 * </pre>
 *
 * <p>Coefficients are those of {@link GpuModel}, all or none. Endpoints without an id are called by
 * their GPU and numbered from 1. Types of changes are {@code join} (with an {@code endpoint} as
 * above), {@code drain}, {@code restart} ({@code downSeconds}), {@code crash}, {@code slow} ({@code
 * factor}, {@code seconds}), {@code fast-failure} ({@code probability}, {@code seconds}), {@code
 * stall} ({@code seconds}), {@code noise} ({@code variation}) and {@code clients-restart}.
 *
 * <p>A file of faults is an array of such changes, or an object with {@code changes}.
 */
public final class FleetReader {
  private static final List<String> COEFFICIENTS = List.of("a", "b", "c", "c0", "d", "e", "kv");
  private static final int MAX_ENDPOINTS = 100_000;
  private static final long MAX_TOKENS = 1_000_000_000_000L;

  private final Set<String> ids = new LinkedHashSet<>();
  private final Map<String, Integer> numbers = new HashMap<>();

  private FleetReader() {}

  /**
   * Reads a fleet.
   *
   * @throws FleetException with file, line and reason
   */
  public static FleetSpec read(Path file) {
    return new FleetReader().fleet(LocatedJson.read(file), stem(file));
  }

  /**
   * Reads what happens to a fleet.
   *
   * @throws FleetException with file, line and reason
   */
  public static List<FleetChange> readFaults(Path file, FleetSpec fleet) {
    FleetReader reader = new FleetReader();
    fleet.endpoints().forEach(endpoint -> reader.ids.add(endpoint.id()));
    LocatedJson json = LocatedJson.read(file);
    if (json.value() instanceof List) {
      return reader.changes(Fields.list("faults", json));
    }
    Fields fields = new Fields(json, "faults");
    fields.text("name", "");
    List<LocatedJson> changes = Fields.list("changes", fields.required("changes", "an array"));
    fields.done();
    return reader.changes(changes);
  }

  /** The name of a file without its ending. */
  public static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.indexOf('.', 1);
    return dot < 0 ? name : name.substring(0, dot);
  }

  private FleetSpec fleet(LocatedJson json, String stem) {
    Fields fields = new Fields(json, "fleet");
    String name = fields.text("name", stem);
    LocatedJson array = fields.required("endpoints", "an array");
    List<EndpointSpec> endpoints = new ArrayList<>();
    for (LocatedJson element : Fields.list("endpoints", array)) {
      endpoints.addAll(endpoints(element));
      if (endpoints.size() > MAX_ENDPOINTS) {
        throw element.error("endpoints: too many (expected: at most " + MAX_ENDPOINTS + ")");
      }
    }
    if (endpoints.isEmpty()) {
      throw array.error("endpoints: none (expected: at least one)");
    }
    List<LocatedJson> changes = fields.list("changes");
    fields.done();
    return new FleetSpec(name, endpoints, List.of()).withChanges(changes(changes));
  }

  private List<EndpointSpec> endpoints(LocatedJson json) {
    Fields fields = new Fields(json, "endpoint");
    GpuModel gpu = gpu(fields);
    Optional<LocatedJson> idField = fields.optional("id");
    String id = fields.text("id", "");
    int count = fields.count("count", MAX_ENDPOINTS, 1);
    String region = fields.text("region", "");
    List<String> models = fields.texts("models");
    int resident =
        fields.count(
            "maxResidentModels",
            MAX_ENDPOINTS,
            models.isEmpty() ? StandardEndpoint.MAX_RESIDENT_MODELS : models.size());
    double weight = fields.positive("weight", StandardEndpoint.WEIGHT);
    int concurrency =
        fields.count("maxConcurrency", Integer.MAX_VALUE, StandardEndpoint.MAX_CONCURRENCY);
    long network =
        StandardEndpoint.nanos(fields.atLeast("networkMs", 0, StandardEndpoint.NETWORK_MILLIS));
    fields.done();
    List<EndpointSpec> endpoints = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      String one = id.isEmpty() ? free(gpu) : count == 1 ? id : id + "-" + number;
      if (!ids.add(one)) {
        throw idField.orElse(json).error("id: " + one + " (expected: an id that is not taken)");
      }
      endpoints.add(
          new EndpointSpec(one, gpu, region, models, resident, weight, concurrency, network));
    }
    return endpoints;
  }

  /** The next number of a GPU's name that is not taken. */
  private String free(GpuModel gpu) {
    String card = Gpus.card(gpu).toLowerCase(Locale.ROOT);
    String id;
    do {
      id = card + "-" + numbers.merge(card, 1, Integer::sum);
    } while (ids.contains(id));
    return id;
  }

  private static GpuModel gpu(Fields fields) {
    LocatedJson json = fields.required("gpu", "a name");
    String name = fields.text("gpu");
    if (COEFFICIENTS.stream()
            .filter(coefficient -> fields.optional(coefficient).isPresent())
            .count()
        > 0) {
      double a = fields.atLeast("a", 0);
      double b = fields.atLeast("b", 0);
      double c = fields.atLeast("c", 0);
      double c0 = fields.atLeast("c0", 0);
      double d = fields.atLeast("d", 0);
      double e = fields.atLeast("e", 0);
      long kv = fields.count("kv", MAX_TOKENS);
      if (a + b + c == 0) {
        throw json.error("a, b, c: all 0 (expected: a prefill that takes time)");
      }
      if (c0 + d + e == 0) {
        throw json.error("c0, d, e: all 0 (expected: a decode step that takes time)");
      }
      return new GpuModel(name, a, b, c, c0, d, e, kv);
    }
    return Gpus.byName(name)
        .orElseThrow(
            () ->
                json.error(
                    "unknown GPU: "
                        + name
                        + " (expected: one of "
                        + String.join(", ", Gpus.all().keySet())
                        + ", or the coefficients "
                        + String.join(", ", COEFFICIENTS)
                        + ")"));
  }

  private List<FleetChange> changes(List<LocatedJson> array) {
    List<FleetChange> changes = new ArrayList<>();
    for (LocatedJson json : array) {
      changes.addAll(change(json));
    }
    return changes;
  }

  private List<? extends FleetChange> change(LocatedJson json) {
    Fields fields = new Fields(json, "change");
    double at = fields.number("at", 0, 1);
    String type = fields.text("type");
    List<? extends FleetChange> changes =
        switch (type) {
          case "join" ->
              endpoints(fields.required("endpoint", "an object")).stream()
                  .map(endpoint -> new FleetChange.Join(at, endpoint))
                  .toList();
          case "drain" -> List.of(new FleetChange.Drain(at, endpoint(fields)));
          case "restart" ->
              List.of(
                  new FleetChange.Restart(at, endpoint(fields), fields.atLeast("downSeconds", 0)));
          case "crash" -> List.of(new FleetChange.Crash(at, endpoint(fields)));
          case "slow" ->
              List.of(
                  new FleetChange.Slow(
                      at, endpoint(fields), fields.positive("factor"), fields.positive("seconds")));
          case "fast-failure" ->
              List.of(
                  new FleetChange.FastFailure(
                      at,
                      endpoint(fields),
                      fields.number("probability", 0, 1),
                      fields.positive("seconds")));
          case "stall" ->
              List.of(new FleetChange.Stall(at, endpoint(fields), fields.positive("seconds")));
          case "noise" ->
              List.of(
                  new FleetChange.Noise(at, endpoint(fields), fields.number("variation", 0, 10)));
          case "clients-restart" -> List.of(new FleetChange.ClientsRestart(at));
          default ->
              throw fields
                  .required("type", "a text")
                  .error(
                      "unknown type of change: "
                          + type
                          + " (expected: one of join, drain, restart, crash, slow, fast-failure,"
                          + " stall, noise, clients-restart)");
        };
    fields.done();
    return changes;
  }

  private String endpoint(Fields fields) {
    String id = fields.text("endpoint");
    if (!ids.contains(id)) {
      throw fields
          .required("endpoint", "an id")
          .error("unknown endpoint: " + id + " (expected: one of " + String.join(", ", ids) + ")");
    }
    return id;
  }
}
