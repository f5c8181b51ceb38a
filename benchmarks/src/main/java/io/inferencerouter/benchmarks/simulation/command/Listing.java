package io.inferencerouter.benchmarks.simulation.command;

import java.util.Map;

/** Names, and what they stand for, in two columns. */
final class Listing {
  private Listing() {}

  static String of(Map<String, String> entries) {
    int width = entries.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    entries.forEach(
        (name, meaning) ->
            text.append("  ")
                .append(name)
                .append(" ".repeat(width - name.length() + 2))
                .append(meaning)
                .append('\n'));
    return text.toString();
  }
}
