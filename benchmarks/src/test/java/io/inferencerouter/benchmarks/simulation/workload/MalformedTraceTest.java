package io.inferencerouter.benchmarks.simulation.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MalformedTraceTest {
  @TempDir private Path directory;

  private void fails(Path file, String reason) {
    assertThatThrownBy(() -> Traces.all(TraceFile.open(file)))
        .isInstanceOf(WorkloadException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3,-1,1|in_tok: -1 (expected: a whole number, 0 to 10000000)",
        "3,x,1|in_tok: x (expected",
        "3,1.5,1|in_tok: 1.5 (expected",
        "3,1e99999,1|in_tok: 1e99999 (expected",
        "3,99999999999999999999,1|in_tok: 99999999999999999999 (expected",
        "3,,1|in_tok: nothing (expected",
        "3,1,-2|out_tok: -2 (expected",
        "-3,1,1|t_ms: -3 (expected: milliseconds",
        "NaN,1,1|t_ms: NaN (expected: milliseconds",
        "Infinity,1,1|t_ms: Infinity (expected: milliseconds",
        ",1,1|t_ms: nothing (expected: milliseconds",
        "1.5,1,1|t_ms: 1.5 (expected: sorted, 2.0 or more)",
        "3,1|2 cells (expected: 3)",
        "3,1,1,1|4 cells (expected: 3)",
      })
  void aBadLineIsNamedWithItsNumberAndTheReason(String line, String reason) throws IOException {
    Path file = Traces.write(directory, "t_ms,in_tok,out_tok", "0,1,1", "2,1,1", line, "9,1,1");
    fails(file, ":4: " + reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "blocks|9-3|blocks: 9-3 (expected: ids and ranges",
        "blocks|1 x|blocks: 1 x (expected",
        "blocks|1-|blocks: 1- (expected",
        "blocks|0-99999999|blocks: 0-99999999 (expected",
        "priority|urgent|priority: urgent (expected: critical, standard or background)",
        "work_ms|-1|work_ms: -1 (expected: milliseconds",
        "work_ms|''|work_ms: nothing (expected: milliseconds",
        "images|-1|images: -1 (expected",
        "turn|first|turn: first (expected",
      })
  void aBadCellIsNamedWithItsColumn(String column, String cell, String reason) throws IOException {
    fails(Traces.write(directory, "t_ms,in_tok," + column, "0,1," + cell), ":2: " + reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "doc_tok,summary_tok|doc_tok,summary_tok (expected: a column t_ms)",
        "t_ms,out_tok|(expected: a column in_tok, or text_tok or image_tok, or work_ms)",
        "t_ms,in_tok,t_ms|t_ms (expected: once)",
        "t_ms,in_tok,think_ms|(expected: a column session where there is think_ms)",
      })
  void aBadHeaderIsNamed(String header, String reason) throws IOException {
    Path file = Traces.write(directory, header, "0,1,1");
    fails(file, ":1: header: ");
    fails(file, reason);
  }

  @Test
  void aTimeToThinkNeedsASession() throws IOException {
    fails(
        Traces.write(directory, "t_ms,in_tok,session,think_ms", "0,1,,5"), ":2: session: nothing");
  }

  @Test
  void filesWithoutRequestsAreErrors() throws IOException {
    fails(Files.writeString(directory.resolve("empty.csv"), ""), "is empty");
    fails(Traces.write(directory, "t_ms,in_tok"), "has no requests");
    fails(directory.resolve("missing.csv"), "cannot be read");
  }

  @Test
  void whatIsNotTextOrNotPackedIsAnError() throws IOException {
    byte[] bytes = "t_ms,in_tok,tenant\n0,1,x\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    fails(Files.write(directory.resolve("plain.csv.gz"), bytes), "not a gzip stream");
    bytes[bytes.length - 2] = (byte) 0xff;
    fails(Files.write(directory.resolve("latin.csv"), bytes), "cannot be read");
  }

  @Test
  void goodLinesBeforeABadOneAreReadAndNothingAfterIt() throws IOException {
    Path file = Traces.write(directory, "t_ms,in_tok,out_tok", "0,1,1", "1,2,2", "oops", "2,1,1");
    Iterator<SimulatedRequest> requests = TraceFile.open(file).iterator();
    assertThat(requests.next().inputTokens()).isEqualTo(1);
    assertThat(requests.next().inputTokens()).isEqualTo(2);
    assertThatThrownBy(requests::next)
        .isInstanceOf(WorkloadException.class)
        .hasMessageContaining("trace.csv:4: 1 cells (expected: 3)");
  }

  @Test
  void bytesBehindThePackedTextAreAnError() throws IOException {
    byte[] whole = Traces.packed("t_ms,in_tok\n0,1\n");
    byte[] longer = Arrays.copyOf(whole, whole.length + 40);
    fails(Files.write(directory.resolve("tail.csv.gz"), longer), "bytes behind the end");
  }

  /** Wherever a packed trace is cut, reading it ends in an error. */
  @Property(tries = 60)
  void aTruncatedTraceIsNeverTakenForAShorterOne(@ForAll @DoubleRange(max = 1) double kept)
      throws IOException {
    StringBuilder text = new StringBuilder("t_ms,in_tok,out_tok\n");
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 500; i++) {
      text.append(i).append(',').append(random.nextInt(1, 5_000)).append(",1\n");
    }
    byte[] whole = Traces.packed(text.toString());
    int length = (int) Math.min(whole.length - 1, kept * whole.length);
    Path file = Files.createTempFile("cut", ".csv.gz");
    try {
      Files.write(file, Arrays.copyOf(whole, length));
      fails(file, length < 2 ? "" : "cannot be read");
    } finally {
      Files.delete(file);
    }
  }
}
