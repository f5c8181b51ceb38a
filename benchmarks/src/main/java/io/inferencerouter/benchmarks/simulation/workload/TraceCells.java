package io.inferencerouter.benchmarks.simulation.workload;

import io.inferencerouter.Priority;
import java.math.BigDecimal;
import java.util.Locale;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/** The cells of one line, read by column; complaints say column, cell and what was expected. */
record TraceCells(TraceHeader header, CSVRecord line) {
  private static final double NANOS_PER_MILLI = 1e6;

  /** A century, so that times since 1970 are fine too. */
  private static final double MOST_MILLIS = 3.2e12;

  /** What it says, empty if there is no such column. */
  String text(Column column) {
    return header.has(column) ? line.get(header.place(column)).strip() : "";
  }

  boolean isBlank(Column column) {
    return text(column).isEmpty();
  }

  /** A whole number, 0 or more. */
  int count(Column column, int most) {
    String text = text(column);
    long value = 0;
    boolean plain = !text.isEmpty() && text.length() <= 18;
    for (int i = 0; plain && i < text.length(); i++) {
      char digit = text.charAt(i);
      plain = digit >= '0' && digit <= '9';
      value = 10 * value + (digit - '0');
    }
    if (!plain) {
      value = decimal(column, text, most);
    }
    if (value > most || value < 0) {
      throw wrong(column, text, "a whole number, 0 to " + most, null);
    }
    return (int) value;
  }

  /** As above, 0 where the cell is blank or there is no such column. */
  int countOrZero(Column column, int most) {
    return isBlank(column) ? 0 : count(column, most);
  }

  private static long decimal(Column column, String text, int most) {
    try {
      return new BigDecimal(text).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong(column, text, "a whole number, 0 to " + most, e);
    }
  }

  /** Milliseconds, 0 or more, as nanoseconds. */
  long nanos(Column column) {
    String text = text(column);
    double millis;
    try {
      millis = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw wrong(column, text, "milliseconds, 0 or more", e);
    }
    if (!(millis >= 0 && millis <= MOST_MILLIS)) {
      throw wrong(column, text, "milliseconds, 0 to " + MOST_MILLIS, null);
    }
    return Math.round(millis * NANOS_PER_MILLI);
  }

  /** The priority, by name; standard where there is none. */
  Priority priority() {
    String text = text(Column.PRIORITY);
    if (text.isEmpty()) {
      return Priority.STANDARD;
    }
    try {
      return Priority.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw wrong(Column.PRIORITY, text, "critical, standard or background", e);
    }
  }

  /** Ids and ranges of them, {@code 0-13 28}. */
  Blocks blocks() {
    String text = text(Column.BLOCKS);
    try {
      return BlockRanges.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong(Column.BLOCKS, text, "ids and ranges such as 0-13 28", e);
    }
  }

  private static IllegalArgumentException wrong(
      Column column, String text, String expected, @Nullable Exception e) {
    String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
    return new IllegalArgumentException(
        column.title()
            + ": "
            + (shown.isEmpty() ? "nothing" : shown)
            + " (expected: "
            + expected
            + ")",
        e);
  }
}
