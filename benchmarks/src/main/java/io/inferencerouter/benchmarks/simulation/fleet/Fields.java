package io.inferencerouter.benchmarks.simulation.fleet;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The fields of a JSON object, each read once with a check; what nobody asked for is an error. */
final class Fields {
  private static final double LARGEST = 1e12;

  private final LocatedJson object;
  private final Map<?, ?> fields;
  private final Set<String> known = new LinkedHashSet<>();

  Fields(LocatedJson object, String what) {
    this.object = object;
    if (!(object.value() instanceof Map<?, ?> map)) {
      throw object.error(what + ": " + object.kind() + " (expected: an object)");
    }
    fields = map;
  }

  Optional<LocatedJson> optional(String name) {
    known.add(name);
    return fields.get(name) instanceof LocatedJson json ? Optional.of(json) : Optional.empty();
  }

  LocatedJson required(String name, String expected) {
    return optional(name)
        .orElseThrow(() -> object.error(name + ": missing (expected: " + expected + ")"));
  }

  String text(String name) {
    return text(name, required(name, "a text"));
  }

  String text(String name, String otherwise) {
    return optional(name).map(json -> text(name, json)).orElse(otherwise);
  }

  private static String text(String name, LocatedJson json) {
    if (json.value() instanceof String text && !text.isBlank()) {
      return text;
    }
    throw json.error(name + ": " + json.kind() + " (expected: a text)");
  }

  List<String> texts(String name) {
    return list(name).stream().map(json -> text(name, json)).toList();
  }

  List<LocatedJson> list(String name) {
    return optional(name).map(json -> list(name, json)).orElse(List.of());
  }

  static List<LocatedJson> list(String name, LocatedJson json) {
    if (!(json.value() instanceof List<?> list)) {
      throw json.error(name + ": " + json.kind() + " (expected: an array)");
    }
    List<LocatedJson> elements = new ArrayList<>();
    for (Object element : list) {
      elements.add((LocatedJson) element);
    }
    return elements;
  }

  double number(String name, double least, double most) {
    return number(name, required(name, range(least, most)), least, most);
  }

  double number(String name, double least, double most, double otherwise) {
    return optional(name).map(json -> number(name, json, least, most)).orElse(otherwise);
  }

  double atLeast(String name, double least) {
    return number(name, least, LARGEST);
  }

  double atLeast(String name, double least, double otherwise) {
    return number(name, least, LARGEST, otherwise);
  }

  /** A positive number. */
  double positive(String name) {
    return positive(name, required(name, "a number above 0"));
  }

  double positive(String name, double otherwise) {
    return optional(name).map(json -> positive(name, json)).orElse(otherwise);
  }

  private static double positive(String name, LocatedJson json) {
    if (json.value() instanceof Double number && number > 0 && number <= LARGEST) {
      return number;
    }
    throw json.error(name + ": " + json.kind() + " (expected: a number above 0)");
  }

  int count(String name, int most, int otherwise) {
    return optional(name).map(json -> (int) whole(name, json, most)).orElse(otherwise);
  }

  long count(String name, long most) {
    return whole(name, required(name, "a whole number of at least 1"), most);
  }

  private static long whole(String name, LocatedJson json, long most) {
    double number = number(name, json, 1, (double) most);
    if (number != Math.rint(number)) {
      throw json.error(name + ": " + number + " (expected: a whole number)");
    }
    return (long) number;
  }

  private static double number(String name, LocatedJson json, double least, double most) {
    if (json.value() instanceof Double number && number >= least && number <= most) {
      return number;
    }
    throw json.error(name + ": " + json.kind() + " (expected: " + range(least, most) + ")");
  }

  private static String range(double least, double most) {
    return most >= LARGEST
        ? "a number of at least " + plain(least)
        : "a number from " + plain(least) + " to " + plain(most);
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }

  /** Fails if there is a field that nobody asked for. */
  void done() {
    fields.forEach(
        (name, json) -> {
          if (!known.contains(name)) {
            throw ((LocatedJson) json)
                .error("unknown field: " + name + " (expected: " + String.join(", ", known) + ")");
          }
        });
  }
}
