package io.inferencerouter.examples.demo.report;

import io.inferencerouter.examples.demo.workload.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** A CSV file with one line for each request and policy. */
public final class RequestLog implements AutoCloseable {
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT
          .builder()
          .setHeader(
              "policy",
              "request",
              "document",
              "pages",
              "tokens",
              "arrival_ms",
              "latency_ms",
              "endpoint",
              "queue_ms",
              "service_ms",
              "status",
              "problem")
          .setRecordSeparator('\n')
          .get();

  private final CSVPrinter csv;

  /** Creates the file; an existing one is replaced. */
  public RequestLog(Path file) throws IOException {
    csv = new CSVPrinter(Files.newBufferedWriter(file), FORMAT);
  }

  /**
   * Adds a line.
   *
   * @param problem what is wrong with the answer; empty when nothing is
   */
  public void add(String policy, Answer answer, String problem) throws IOException {
    csv.printRecord(
        policy,
        answer.job().number(),
        answer.job().document().kind(),
        answer.job().document().pages().size(),
        answer.job().tokens(),
        millis(answer.job().arrivalNanos() / 1e6),
        millis(answer.latencyNanos() / 1e6),
        answer.endpoint(),
        millis(answer.timing().queueMillis()),
        millis(answer.timing().serviceMillis()),
        answer.status(),
        problem);
  }

  @Override
  public void close() throws IOException {
    csv.close();
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
