package io.inferencerouter.okhttp.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Usage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EventStreamScannerTest {
  private static EventStreamScanner scan(String text) {
    EventStreamScanner scanner = new EventStreamScanner();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    scanner.scan(bytes, 0, bytes.length);
    return scanner;
  }

  private static EventStreamScanner scan(String text, List<Integer> cuts) {
    EventStreamScanner scanner = new EventStreamScanner();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int from = 0;
    for (int cut : cuts) {
      int to = Math.min(bytes.length, from + cut);
      scanner.scan(bytes, from, to);
      from = to;
    }
    scanner.scan(bytes, from, bytes.length);
    return scanner;
  }

  @Test
  void everyEventWithDataIsOneOutput() {
    EventStreamScanner scanner =
        scan(
            "data: {}\n\n: comment\n\nevent: x\nid: 1\n\ndata: a\ndata: b\n\nretry: 1\ndata: [1]\n\n");
    assertThat(scanner.outputs()).isEqualTo(3);
    assertThat(scanner.hasOutput()).isTrue();
    assertThat(scanner.isAnswered()).isFalse();
  }

  @Test
  void theTerminalEventIsNoOutput() {
    EventStreamScanner scanner = scan("data: [DONE]\n\n");
    assertThat(scanner.outputs()).isZero();
    assertThat(scanner.isAnswered()).isTrue();
  }

  @Test
  void aDocumentInSeveralLinesOfDataIsReadAsOne() {
    EventStreamScanner scanner =
        scan("data: {\"usage\":{\ndata: \"prompt_tokens\":1,\ndata: \"completion_tokens\":2}}\n\n");
    assertThat(scanner.usage()).isEqualTo(Usage.of(1, 2));
    assertThat(scanner.outputs()).isEqualTo(1);
  }

  @Test
  void dataThatIsNoJsonDoesNoHarm() {
    EventStreamScanner scanner = scan("data: hello\n\ndata: [DONE]\n\n");
    assertThat(scanner.usage()).isEqualTo(Usage.unknown());
    assertThat(scanner.isAnswered()).isTrue();
  }

  @Test
  void ofNamedEventsThoseWithADeltaAreOutputs() {
    EventStreamScanner responses =
        scan(
            """
            event: response.created
            data: {"type":"response.created","response":{"usage":null}}

            event: response.output_item.added
            data: {}

            event: response.reasoning_summary_text.delta
            data: {"delta":"a"}

            event: response.output_text.delta
            data: {"delta":"b"}

            event: response.output_text.done
            data: {"text":"ab"}

            """);
    assertThat(responses.outputs()).isEqualTo(2);
    EventStreamScanner messages =
        scan(
            """
            event: message_start
            data: {"type":"message_start","message":{"usage":{"input_tokens":3,"output_tokens":1}}}

            event: content_block_start
            data: {}

            event: ping
            data: {}

            event: content_block_delta
            data: {}

            event: content_block_stop
            data: {}

            event: message_delta
            data: {"usage":{"output_tokens":4}}

            """);
    assertThat(messages.outputs()).isEqualTo(1);
    assertThat(messages.isAnswered()).isFalse();
    assertThat(messages.usage()).isEqualTo(Usage.of(3, 4));
  }

  @Test
  void aResponseIsAnsweredWithTheDataOfItsLastEvent() {
    String end =
        """
        event: response.completed
        data: {"response":{"usage":{"input_tokens":3,"output_tokens":4}}}
        """;
    assertThat(scan(end).isAnswered()).isFalse();
    EventStreamScanner scanner = scan(end + "\n");
    assertThat(scanner.isAnswered()).isTrue();
    assertThat(scanner.hasFailed()).isFalse();
    assertThat(scanner.usage()).isEqualTo(Usage.of(3, 4));
    assertThat(scan("event: response.incomplete\ndata: {}\n\n").isAnswered()).isTrue();
    assertThat(scan("event: response.completed\n\ndata: {}\n\n").isAnswered()).isFalse();
  }

  @Test
  void anEventCanSayThatTheAnswerFailed() {
    assertThat(scan("event: error\ndata: {\"type\":\"error\"}\n\n").hasFailed()).isTrue();
    assertThat(scan("event: response.failed\ndata: {}\n\n").hasFailed()).isTrue();
    assertThat(scan("event: error\n\ndata: {}\n\n").hasFailed()).isFalse();
    assertThat(scan("data: {\"type\":\"error\"}\n\n").hasFailed()).isFalse();
  }

  @Provide
  Arbitrary<String> streams() {
    Arbitrary<String> lines =
        Arbitraries.of(
            "data: {\"usage\":null}",
            "data: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}",
            "data: [DONE]",
            "data:[DONE] ",
            "data:",
            "data: text €",
            "event: message_stop",
            "event:message_start",
            "event: response.completed",
            "event: response.output_text.delta",
            "event: error",
            ": comment",
            "id: 1",
            "nonsense",
            "",
            "");
    Arbitrary<String> ends = Arbitraries.of("\n", "\r\n", "\r");
    return lines.list().ofMaxSize(12).flatMap(all -> ends.map(end -> String.join(end, all) + end));
  }

  @Property
  void howTheBytesAreCutDoesNotMatter(
      @ForAll("streams") String stream,
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 12) Integer> cuts) {
    EventStreamScanner whole = scan(stream);
    EventStreamScanner cut = scan(stream, cuts);
    assertThat(cut.outputs()).isEqualTo(whole.outputs());
    assertThat(cut.isAnswered()).isEqualTo(whole.isAnswered());
    assertThat(cut.hasFailed()).isEqualTo(whole.hasFailed());
    assertThat(cut.usage()).isEqualTo(whole.usage());
  }

  @Property
  void theTerminalEventIsFoundWhereItIs(@ForAll("streams") String stream) {
    boolean expected = false;
    boolean terminal = false;
    boolean data = false;
    for (String line : stream.lines().toList()) {
      expected |= line.strip().matches("data: ?\\[DONE]") || line.equals("event: message_stop");
      expected |= line.isEmpty() && terminal && data;
      terminal =
          line.startsWith("event:")
              ? line.equals("event: response.completed") || line.equals("event: error")
              : terminal && !line.isEmpty();
      data = !line.isEmpty() && (data || line.matches("data: ?[^ ].*"));
    }
    assertThat(scan(stream).isAnswered()).isEqualTo(expected);
  }

  @Property
  void nothingThatIsScannedThrows(@ForAll @Size(max = 300) byte[] bytes) {
    EventStreamScanner scanner = new EventStreamScanner();
    scanner.scan(bytes, 0, bytes.length);
    assertThat(scanner.outputs()).isNotNegative();
  }
}
