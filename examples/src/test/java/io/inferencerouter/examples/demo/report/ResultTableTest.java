package io.inferencerouter.examples.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTableTest {
  private final List<String> lines =
      ResultTable.of(
              List.of(Results.of("round-robin", 2, 3, 1), Results.of("predicted-time", 0.5, 0, 0)))
          .lines()
          .toList();

  @Test
  void aColumnStandsForAPolicyAndARowForAMeasure() {
    assertThat(lines.get(1)).containsSubsequence("round-robin", "predicted-time");
    assertThat(row("requests per second")).containsSubsequence("12.3", "12.3");
    assertThat(row("P50")).containsSubsequence("2.0", "0.5");
    assertThat(row("P99 latency")).containsSubsequence("2.0", "0.5");
    assertThat(row("P99 / P50")).containsSubsequence("1.0", "1.0");
    assertThat(row("busy fast")).contains("25.0");
    assertThat(row("busy slow")).contains("75.5");
    assertThat(row("coefficient of variation")).contains("0.50");
    assertThat(row("routing time P50")).contains("2.0");
    assertThat(row("errors / lost")).containsSubsequence("3 / 1", "0 / 0");
  }

  @Test
  void allLinesAreEquallyLong() {
    assertThat(lines).extracting(String::length).containsOnly(lines.get(0).length());
  }

  @Test
  void streamsHaveRowsOfTheirOwn() {
    List<String> streams =
        ResultTable.of(List.of(Results.streamed("predicted-time", 3, 0.25))).lines().toList();

    assertThat(row(streams, "P50 TTFT, s")).contains("0.250");
    assertThat(row(streams, "P95 TTFT, s")).contains("0.250");
    assertThat(row(streams, "P99 TTFT, s")).contains("0.250");
    assertThat(row(streams, "P50 inter-token time, ms")).contains("20.0");
    assertThat(row(streams, "P99 inter-token time, ms")).contains("20.0");
    assertThat(row(streams, "tokens per second")).contains("123.4");
    assertThat(lines).noneMatch(line -> line.contains("TTFT"));
  }

  @Test
  void whatTheRouterDidAboutFaultsHasRowsOfItsOwn() {
    List<String> faults =
        ResultTable.of(
                List.of(
                    Results.withReaction("round-robin", new Reaction(11, 7, 2), 0, 0),
                    Results.of("predicted-time", 1, 0, 0)))
            .lines()
            .toList();

    assertThat(row(faults, "attempts retried")).containsSubsequence("11", "-");
    assertThat(row(faults, "attempts moved")).containsSubsequence("7", "-");
    assertThat(row(faults, "endpoints ejected")).containsSubsequence("2", "-");
    assertThat(lines).noneMatch(line -> line.contains("attempts"));
  }

  private String row(String measure) {
    return row(lines, measure);
  }

  private static String row(List<String> lines, String measure) {
    return lines.stream().filter(line -> line.contains(measure)).findFirst().orElseThrow();
  }
}
