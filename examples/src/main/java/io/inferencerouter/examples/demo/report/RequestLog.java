package io.inferencerouter.examples.demo.report;

import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.ServerTiming;
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
              "kind",
              "input_tokens",
              "output_tokens",
              "arrival_ms",
              "first_token_ms",
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
    boolean timed = !answer.timing().equals(ServerTiming.UNKNOWN);
    csv.printRecord(
        policy,
        answer.job().number(),
        answer.job().kind(),
        answer.job().inputTokens(),
        answer.job().outputTokens(),
        millis(answer.job().arrivalNanos() / 1e6),
        answer.isStreamed() ? millis(answer.outputNanos()[0] / 1e6) : "",
        millis(answer.latencyNanos() / 1e6),
        answer.endpoint(),
        timed ? millis(answer.timing().queueMillis()) : "",
        timed ? millis(answer.timing().serviceMillis()) : "",
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
