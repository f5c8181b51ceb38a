package io.inferencerouter.benchmarks.simulation.report.goal;

import io.inferencerouter.benchmarks.simulation.fleet.FleetException;
import io.inferencerouter.benchmarks.simulation.fleet.FleetReader;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.benchmarks.simulation.workload.TraceFile;
import io.inferencerouter.benchmarks.simulation.workload.WorkloadException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Files that have to be refused, with the line and the reason. */
final class Refusals {
  private static final String HEADER = "t_ms,in_tok,out_tok\n0,100,10\n";
  private static final String WRONG_LINE = ":3: ";

  private Refusals() {}

  static Goal goal() {
    Map<String, Optional<String>> answers = new LinkedHashMap<>();
    answers.put("a malformed line", trace(HEADER + "5,many,10\n"));
    answers.put("times that go back", trace(HEADER + "-1,100,10\n"));
    answers.put("a negative size", trace(HEADER + "5,-100,10\n"));
    answers.put(
        "an unknown GPU", fleet("{\"endpoints\":[\n{\"gpu\":\"H100\"},\n{\"gpu\":\"X1\"}]}"));
    List<String> accepted = new ArrayList<>();
    answers.forEach(
        (name, answer) -> {
          if (answer.isEmpty()) {
            accepted.add(name);
          }
        });
    return Goal.of(
        "A malformed line, times that go back, a negative size, an unknown GPU: file, line and"
            + " reason",
        String.format(
            Locale.ROOT,
            "%d of %d refused so%s",
            answers.size() - accepted.size(),
            answers.size(),
            accepted.isEmpty() ? "" : ", not " + String.join(", ", accepted)),
        accepted.isEmpty());
  }

  private static Optional<String> trace(String text) {
    return refused(
        ".csv",
        text,
        file -> {
          for (SimulatedRequest request : TraceFile.open(file)) {
            request.inputTokens();
          }
        });
  }

  private static Optional<String> fleet(String text) {
    return refused(".json", text, FleetReader::read);
  }

  private interface Reading {
    void of(Path file);
  }

  /** What is said of the wrong line; empty if it is not said, or nothing is wrong. */
  private static Optional<String> refused(String suffix, String text, Reading reading) {
    try {
      Path file = Files.createTempFile("refused", suffix);
      try {
        Files.writeString(file, text);
        reading.of(file);
        return Optional.empty();
      } catch (WorkloadException | FleetException e) {
        return Optional.ofNullable(e.getMessage())
            .filter(message -> message.startsWith(file + WRONG_LINE));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
