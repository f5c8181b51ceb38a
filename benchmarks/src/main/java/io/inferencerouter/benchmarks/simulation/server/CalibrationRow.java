package io.inferencerouter.benchmarks.simulation.server;

import java.nio.file.Path;
import org.apache.commons.csv.CSVRecord;

/** A row of a calibration file. Whatever is wrong with it is said with file and line. */
record CalibrationRow(Path file, CSVRecord cells) {
  String text(String column) {
    if (!cells.isSet(column)) {
      throw wrong(column, "missing", "a value");
    }
    return cells.get(column);
  }

  int integer(String column) {
    String cell = text(column);
    try {
      return Integer.parseInt(cell);
    } catch (NumberFormatException e) {
      throw wrong(column, cell, "a whole number");
    }
  }

  double number(String column) {
    String cell = text(column);
    try {
      return Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      throw wrong(column, cell, "a number");
    }
  }

  private IllegalArgumentException wrong(String column, String cell, String expected) {
    long line = cells.getRecordNumber() + 1; // behind the header; no cell of these has line breaks
    return new IllegalArgumentException(
        file + ":" + line + ": " + column + ": " + cell + " (expected: " + expected + ")");
  }
}
