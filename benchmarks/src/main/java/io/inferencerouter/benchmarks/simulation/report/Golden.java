package io.inferencerouter.benchmarks.simulation.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferencerouter.benchmarks.simulation.experiment.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Numbers that are known to be right, in a file: {@link ResultJson} without the time it took. A run
 * of the same code gives the same numbers, so that a difference is a change of behaviour.
 */
public final class Golden {
  /** Relative differences of times that only rounding makes. */
  public static final double TOLERANCE = 1e-9;

  private static final String WALL = "wall_seconds";

  private Golden() {}

  /** The text of such a file, with a line for each run. */
  public static String of(List<Row> rows) {
    return rows.stream()
        .map(row -> timeless(ResultJson.object(row)).toString())
        .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
  }

  /**
   * What differs, a line each; empty if nothing does.
   *
   * @throws IllegalArgumentException if the file does not hold golden numbers
   */
  public static List<String> differences(Path file, List<Row> rows) {
    Map<String, Map<String, JsonNode>> golden = index(read(file));
    Map<String, Map<String, JsonNode>> now = new LinkedHashMap<>();
    for (Row row : rows) {
      ObjectNode json = timeless(ResultJson.object(row));
      now.put(title(json), flat(json, ""));
    }
    List<String> differences = new ArrayList<>();
    golden.forEach(
        (title, expected) -> {
          Map<String, JsonNode> actual = now.get(title);
          if (actual == null) {
            differences.add(title + ": golden, but not run now");
          } else {
            compare(title, expected, actual, differences);
          }
        });
    now.keySet().stream()
        .filter(title -> !golden.containsKey(title))
        .forEach(title -> differences.add(title + ": run now, but not golden"));
    return differences;
  }

  private static void compare(
      String title,
      Map<String, JsonNode> expected,
      Map<String, JsonNode> actual,
      List<String> differences) {
    expected.forEach(
        (field, golden) -> {
          JsonNode now = actual.get(field);
          if (now == null) {
            differences.add(title + ": " + field + ": golden " + golden + ", now missing");
          } else if (!same(golden, now)) {
            differences.add(
                title + ": " + field + ": golden " + golden + ", now " + now + change(golden, now));
          }
        });
    actual.forEach(
        (field, now) -> {
          if (!expected.containsKey(field)) {
            differences.add(title + ": " + field + ": golden missing, now " + now);
          }
        });
  }

  private static boolean same(JsonNode golden, JsonNode now) {
    if (golden.isNumber() && now.isNumber()) {
      if (golden.isIntegralNumber() && now.isIntegralNumber()) {
        return golden.asLong() == now.asLong();
      }
      double one = golden.asDouble();
      double other = now.asDouble();
      return Math.abs(one - other) <= TOLERANCE * Math.max(Math.abs(one), Math.abs(other));
    }
    return golden.equals(now);
  }

  private static String change(JsonNode golden, JsonNode now) {
    if (!golden.isNumber() || !now.isNumber() || golden.asDouble() == 0) {
      return "";
    }
    double percent = 100 * (now.asDouble() / golden.asDouble() - 1);
    String pattern = Math.abs(percent) < 0.05 ? " (%+.1e %%)" : " (%+.1f %%)";
    return String.format(Locale.ROOT, pattern, percent);
  }

  private static ObjectNode timeless(ObjectNode json) {
    json.remove(WALL);
    return json;
  }

  private static JsonNode read(Path file) {
    try {
      return ResultJson.MAPPER.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ":" + e.getLocation().getLineNr() + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read: " + e, e);
    }
  }

  private static Map<String, Map<String, JsonNode>> index(JsonNode array) {
    if (!array.isArray()) {
      throw new IllegalArgumentException("golden numbers: not an array (expected: an array)");
    }
    Map<String, Map<String, JsonNode>> index = new LinkedHashMap<>();
    for (JsonNode json : array) {
      if (!json.isObject()) {
        throw new IllegalArgumentException("golden numbers: " + json + " (expected: an object)");
      }
      index.put(title(json), flat((ObjectNode) json, ""));
    }
    return index;
  }

  private static String title(JsonNode json) {
    return String.format(
        Locale.ROOT,
        "%s on %s, %s router(s), load %s, %s, %s, seed %s",
        json.path("workload").asText(),
        json.path("fleet").asText(),
        json.path("routers").asText(),
        json.path("load").asText(),
        json.path("faults").asText(),
        json.path("policy").asText(),
        json.path("seed").asText());
  }

  private static Map<String, JsonNode> flat(ObjectNode json, String prefix) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      String name = prefix + field.getKey();
      if (field.getValue() instanceof ObjectNode nested) {
        fields.putAll(flat(nested, name + "."));
      } else {
        fields.put(name, field.getValue());
      }
    }
    return fields;
  }
}
