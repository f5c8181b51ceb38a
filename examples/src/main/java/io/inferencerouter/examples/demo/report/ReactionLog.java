package io.inferencerouter.examples.demo.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** A CSV file with one line for each policy: what the router did about faults under it. */
public final class ReactionLog {
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT
          .builder()
          .setHeader("policy", "retried", "moved", "ejected", "errors", "lost")
          .setRecordSeparator('\n')
          .get();

  private ReactionLog() {}

  /** Writes the file, with the results that have a reaction; an existing one is replaced. */
  public static void write(Path file, List<PolicyResult> results) throws IOException {
    try (CSVPrinter csv = new CSVPrinter(Files.newBufferedWriter(file), FORMAT)) {
      for (PolicyResult result : results) {
        if (result.reaction().isPresent()) {
          Reaction reaction = result.reaction().get();
          csv.printRecord(
              result.policy(),
              reaction.retried(),
              reaction.moved(),
              reaction.ejected(),
              result.errors(),
              result.lost());
        }
      }
    }
  }
}
