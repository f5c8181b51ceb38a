package io.inferencerouter.benchmarks.simulation.workload;

import java.nio.file.Path;
import java.util.Iterator;

/**
 * A trace in CSV, plain or packed by gzip, with a header line and sorted by {@code t_ms}.
 *
 * <p>Columns are found by their names, and unknown ones are left alone:
 *
 * <ul>
 *   <li>{@code t_ms}, milliseconds since the beginning, is needed
 *   <li>{@code in_tok}, or {@code text_tok} and {@code image_tok}, or {@code work_ms}, is needed;
 *       where there is no {@code in_tok}, the input is the sum of text and images
 *   <li>{@code out_tok}; {@code images}, how many
 *   <li>{@code tenant}, {@code model}, {@code region}, {@code priority} (critical, standard,
 *       background)
 *   <li>{@code session}; the turns of a session are numbered in the order of their lines, whatever
 *       {@code turn} begins with
 *   <li>{@code think_ms}, with {@code session}: the turn arrives so long after the answer before
 *       it; a first turn, and a line where it is blank, arrives at its own time
 *   <li>{@code blocks}: ids and ranges, {@code 0-13 28}
 *   <li>{@code work_ms}, the time on a reference GPU, for jobs of known work
 * </ul>
 *
 * <p>Sizes of 0 count as 1, where a size must be. Each iterator reads the file anew, line by line.
 * A line that is not right ends in an error that names the file, the line and the reason; nothing
 * is ever left out. Immutable, as long as the file is.
 */
public final class TraceFile implements Workload {
  private final Path file;
  private final Kind kind;

  private TraceFile(Path file, Kind kind) {
    this.file = file;
    this.kind = kind;
  }

  /**
   * A trace. Reads the header, and as many lines as it takes to know the kind: jobs where there is
   * {@code work_ms}, else generation from the first line with output on.
   *
   * @throws WorkloadException when the file cannot be read, is empty, or has no such header; and
   *     when a line is malformed that has to be read for this
   */
  public static TraceFile open(Path file) {
    try (TraceReader reader = new TraceReader(file, Kind.ENCODING)) {
      if (!reader.hasNext()) {
        throw new WorkloadException(file + ": has no requests (expected: lines below the header)");
      }
      TraceHeader header = reader.header();
      return new TraceFile(
          file,
          header.has(Column.WORK_MS)
              ? Kind.JOBS
              : header.has(Column.OUT_TOK) && reader.anyOutput() ? Kind.GENERATION : Kind.ENCODING);
    }
  }

  /** The name of the file, without {@code .csv} or {@code .csv.gz}. */
  @Override
  public String name() {
    Path last = file.getFileName();
    String name = (last == null ? file : last).toString();
    name = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    return name.endsWith(".csv") ? name.substring(0, name.length() - 4) : name;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public Iterator<SimulatedRequest> iterator() {
    return new TraceReader(file, kind);
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
