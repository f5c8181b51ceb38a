package io.inferencerouter.benchmarks.simulation.workload;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Where each column is. Immutable. */
final class TraceHeader {
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Map<Column, Integer> places = new EnumMap<>(Column.class);
  private final int width;

  /**
   * A header with these titles.
   *
   * @throws IllegalArgumentException when a column is missing or there twice
   */
  TraceHeader(List<String> titles) {
    width = titles.size();
    for (int place = 0; place < width; place++) {
      String title = titles.get(place).strip();
      if (place == 0 && title.startsWith(BYTE_ORDER_MARK)) {
        title = title.substring(1);
      }
      for (Column column : Column.values()) {
        if (column.title().equals(title)) {
          if (has(column)) {
            throw new IllegalArgumentException("header: " + title + " (expected: once)");
          }
          places.put(column, place);
        }
      }
    }
    require(has(Column.T_MS), titles, "t_ms");
    require(
        has(Column.IN_TOK) || isInputOptional(),
        titles,
        "in_tok, or text_tok or image_tok, or work_ms");
    require(
        !has(Column.THINK_MS) || has(Column.SESSION), titles, "session where there is think_ms");
  }

  private static void require(boolean satisfied, List<String> titles, String expected) {
    if (!satisfied) {
      throw new IllegalArgumentException(
          "header: " + String.join(",", titles) + " (expected: a column " + expected + ")");
    }
  }

  /** How many cells a line has. */
  int width() {
    return width;
  }

  boolean has(Column column) {
    return places.containsKey(column);
  }

  /** Whether other columns tell enough of an input. */
  boolean isInputOptional() {
    return has(Column.TEXT_TOK) || has(Column.IMAGE_TOK) || has(Column.WORK_MS);
  }

  /** Which cell of a line it is; -1 if there is no such column. */
  int place(Column column) {
    return places.getOrDefault(column, -1);
  }
}
