package io.inferencerouter.benchmarks.simulation.workload;

import io.inferencerouter.benchmarks.simulation.workload.Workload.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.zip.ZipException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads a trace from its beginning to its end, once. Keeps one line, and for each session how many
 * turns it has had. Closes the file at its end and at an error.
 */
final class TraceReader implements Iterator<SimulatedRequest>, AutoCloseable {
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT.builder().setIgnoreEmptyLines(true).get();
  private static final int MOST_TOKENS = GeneratedWorkload.MAX_TOKENS;

  private final Path file;
  private final Kind kind;
  private final CSVParser parser;
  private final Iterator<CSVRecord> lines;
  private final TraceHeader header;
  private final Map<String, Integer> turns = new HashMap<>();
  private @Nullable CSVRecord following;
  private long followingLine;
  private long lastNanos;

  /** Opens the file, and reads its header. */
  TraceReader(Path file, Kind kind) {
    this.file = file;
    this.kind = kind;
    Reader text;
    try {
      text = TraceInput.open(file);
    } catch (IOException e) {
      throw new WorkloadException(file + ": cannot be read (" + reason(e) + ")", e);
    }
    try {
      parser = FORMAT.parse(text);
    } catch (IOException e) {
      throw new WorkloadException(file + ": cannot be read (" + reason(e) + ")", e);
    }
    lines = parser.iterator();
    advance();
    CSVRecord first = following;
    if (first == null) {
      throw new WorkloadException(file + ": is empty (expected: a header with t_ms)");
    }
    try {
      header = new TraceHeader(first.toList());
    } catch (IllegalArgumentException e) {
      throw fail(1, reason(e), e);
    }
    advance();
  }

  TraceHeader header() {
    return header;
  }

  /** Whether a line has output, from here on; reads as far as the first that has. */
  boolean anyOutput() {
    while (following != null) {
      try {
        if (cells(following).count(Column.OUT_TOK, MOST_TOKENS) > 0) {
          return true;
        }
      } catch (IllegalArgumentException e) {
        throw fail(followingLine, reason(e), e);
      }
      advance();
    }
    return false;
  }

  @Override
  public boolean hasNext() {
    return following != null;
  }

  @Override
  public SimulatedRequest next() {
    CSVRecord line = following;
    if (line == null) {
      throw new NoSuchElementException();
    }
    long number = followingLine;
    SimulatedRequest request;
    try {
      request = request(cells(line));
    } catch (IllegalArgumentException e) {
      throw fail(number, reason(e), e);
    }
    if (request.arrivalNanos() < lastNanos) {
      throw fail(
          number,
          String.format(
              Locale.ROOT,
              "t_ms: %s (expected: sorted, %s or more)",
              request.arrivalNanos() / 1e6,
              lastNanos / 1e6),
          null);
    }
    lastNanos = request.arrivalNanos();
    advance();
    return request;
  }

  private TraceCells cells(CSVRecord line) {
    if (line.size() != header.width()) {
      throw new IllegalArgumentException(line.size() + " cells (expected: " + header.width() + ")");
    }
    return new TraceCells(header, line);
  }

  private SimulatedRequest request(TraceCells cells) {
    int text = cells.countOrZero(Column.TEXT_TOK, MOST_TOKENS);
    int image = cells.countOrZero(Column.IMAGE_TOK, MOST_TOKENS);
    boolean summed = header.isInputOptional() && cells.isBlank(Column.IN_TOK);
    int input = summed ? text + image : cells.count(Column.IN_TOK, MOST_TOKENS);
    int output = header.has(Column.OUT_TOK) ? cells.count(Column.OUT_TOK, MOST_TOKENS) : 0;
    cells.countOrZero(Column.TURN, Integer.MAX_VALUE);
    String session = cells.text(Column.SESSION);
    int turn = session.isEmpty() ? 0 : turns.merge(session, 1, Integer::sum) - 1;
    input = Math.max(1, input);
    return new SimulatedRequest(
        cells.nanos(Column.T_MS),
        input,
        kind == Kind.GENERATION ? Math.max(1, output) : 0,
        cells.text(Column.TENANT),
        session,
        turn,
        cells.text(Column.MODEL),
        cells.blocks(),
        header.has(Column.TEXT_TOK) ? text : Math.max(0, input - image),
        image,
        cells.countOrZero(Column.IMAGES, MOST_TOKENS),
        thinkNanos(cells, session, turn),
        kind == Kind.JOBS ? Math.max(1, cells.nanos(Column.WORK_MS)) : 0,
        cells.text(Column.REGION),
        cells.priority());
  }

  /** A first turn waits for nothing, and often says so by a blank. */
  private long thinkNanos(TraceCells cells, String session, int turn) {
    if (!header.has(Column.THINK_MS)) {
      return SimulatedRequest.OPEN_LOOP;
    }
    if (!cells.isBlank(Column.THINK_MS)) {
      if (session.isEmpty()) {
        throw new IllegalArgumentException("session: nothing (expected: one, beside think_ms)");
      }
      return cells.nanos(Column.THINK_MS);
    }
    return turn == 0 && !session.isEmpty() ? 0 : SimulatedRequest.OPEN_LOOP;
  }

  private void advance() {
    try {
      following = lines.hasNext() ? lines.next() : null;
    } catch (UncheckedIOException | IllegalStateException e) {
      String reason = "cannot be read (" + reason(e) + ")";
      throw isText(e) ? fail(parser.getCurrentLineNumber() + 1, reason, e) : fail("", reason, e);
    }
    followingLine = parser.getCurrentLineNumber();
    if (following == null) {
      close();
    }
  }

  private WorkloadException fail(long line, String reason, @Nullable Exception cause) {
    return fail(":" + line, reason, cause);
  }

  private WorkloadException fail(String place, String reason, @Nullable Exception cause) {
    WorkloadException failure = new WorkloadException(file + place + ": " + reason, cause);
    try {
      parser.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /** Whether there is text that is wrong in some line. What cannot be unpacked has no lines. */
  private static boolean isText(Throwable thrown) {
    Throwable last = root(thrown);
    return !(last instanceof CharacterCodingException
        || last instanceof ZipException
        || last instanceof EOFException);
  }

  private static Throwable root(Throwable thrown) {
    Throwable last = thrown;
    while (last instanceof UncheckedIOException && last.getCause() != null) {
      last = last.getCause();
    }
    return last;
  }

  private static String reason(Throwable thrown) {
    Throwable last = root(thrown);
    if (last instanceof CharacterCodingException) {
      return "not text in UTF-8";
    }
    String message = last.getMessage();
    return message == null ? last.getClass().getSimpleName() : message;
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw new WorkloadException(file + ": cannot be closed (" + reason(e) + ")", e);
    }
  }
}
