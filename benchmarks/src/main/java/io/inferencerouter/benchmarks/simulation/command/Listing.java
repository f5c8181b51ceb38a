package io.inferencerouter.benchmarks.simulation.command;

import java.util.Map;

/** Names, and what they stand for, in two columns. */
final class Listing {
  /** Columns of a terminal. */
  static final int WIDTH = 100;

  private static final String MARGIN = "  ";

  private Listing() {}

  static String of(Map<String, String> entries) {
    int width = entries.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    entries.forEach(
        (name, meaning) ->
            text.append(wrapped(MARGIN + name + " ".repeat(width - name.length() + 2), meaning)));
    return text.toString();
  }

  /** Words behind a beginning, in lines that leave its width free. */
  static String wrapped(String beginning, String words) {
    StringBuilder text = new StringBuilder(beginning);
    int column = beginning.length();
    for (String word : words.split(" ", -1)) {
      if (column > beginning.length() && column + 1 + word.length() > WIDTH) {
        text.append('\n').append(" ".repeat(beginning.length()));
        column = beginning.length();
      } else if (column > beginning.length()) {
        text.append(' ');
        column++;
      }
      text.append(word);
      column += word.length();
    }
    return text.append('\n').toString();
  }
}
