package io.inferencerouter.okhttp.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Usage;
import io.inferencerouter.okhttp.internal.api.StreamEnd;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamScannerTest {
  private static EventStreamScanner scan(String text) {
    return scan(text, StreamEnd.UNKNOWN);
  }

  private static EventStreamScanner scan(String text, StreamEnd end) {
    EventStreamScanner scanner = new EventStreamScanner(end);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    scanner.scan(bytes, 0, bytes.length);
    return scanner;
  }

  private static EventStreamScanner scan(String text, List<Integer> cuts) {
    EventStreamScanner scanner = new EventStreamScanner(StreamEnd.UNKNOWN);
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"error\":{\"message\":\"m\",\"code\":500}}\n\n",
        "data:{\"error\":\"Request failed\",\"error_type\":\"generation\"}\n\n",
        "data: {\"choices\":[{\"finish_reason\":\"error\"}],\"error\":{}}\n\n",
        "data: {\ndata: \"error\":{}}\n\n",
        "data: {\"choices\":[]}\n\ndata: {\"err\\u006fr\":{}}\n\ndata: [DONE]\n\n",
        "event: message\ndata: {\"error\":{}}\n\n",
      })
  void anEventWithAnErrorForItsDataSaysThatTheAnswerFailed(String stream) {
    EventStreamScanner scanner = scan(stream);
    assertThat(scanner.isAnswered()).isTrue();
    assertThat(scanner.hasFailed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"error\\\":{}}\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"error\":{}}}]}\n\n",
        "data: {\"text\":\"error\",\"model\":\"error\"}\n\n",
        "data: {\"error\":null,\"choices\":[{}]}\n\n",
        "data: {\"error\":\"\"}\n\ndata: {\"error\":false,\"a\":{}}\n\n",
        "data: {\"error\":[],\"a\":\"b\"}\n\n",
        "data: error\n\n",
        "data: [{\"error\":{}}]\n\n",
        "event: response.created\ndata: {\"response\":{\"error\":{}}}\n\n",
      })
  void anEventThatOnlyMentionsErrorsIsNone(String stream) {
    EventStreamScanner scanner = scan(stream);
    scanner.end();
    assertThat(scanner.isAnswered()).isFalse();
    assertThat(scanner.hasFailed()).isFalse();
    EventStreamScanner complete = scan(stream + "data: [DONE]\n\n");
    assertThat(complete.isAnswered()).isTrue();
    assertThat(complete.hasFailed()).isFalse();
  }

  @Test
  void anErrorIsNoOutput() {
    EventStreamScanner scanner = scan("data: {\"error\":{\"message\":\"m\"}}\n\n");
    assertThat(scanner.outputs()).isZero();
    assertThat(scanner.hasOutput()).isFalse();
  }

  private static boolean fails(String stream, StreamEnd end) {
    EventStreamScanner scanner = scan(stream, end);
    assertThat(scanner.hasFailed()).as("before its end").isFalse();
    scanner.end();
    return scanner.hasFailed();
  }

  @Test
  void aStreamThatEndsWithoutItsMarkHasFailedOnceItHasBegun() {
    assertThat(fails("data: {}\n\n", StreamEnd.MARK)).isTrue();
    assertThat(fails("data: {}\n\ndata: {\"choi", StreamEnd.MARK)).isTrue();
    assertThat(fails("data: {}\n\ndata: [DONE", StreamEnd.MARK)).isTrue();
    assertThat(fails("data: {}\n\ndata: [DONE]", StreamEnd.MARK)).isFalse();
    assertThat(fails("data: {}\n\ndata: [DONE]\n\n", StreamEnd.MARK)).isFalse();
    assertThat(fails("", StreamEnd.MARK)).isFalse();
    assertThat(fails(": alive\n\n", StreamEnd.MARK)).isFalse();
    assertThat(fails("data: {}\n\n", StreamEnd.UNKNOWN)).isFalse();
  }

  @Test
  void aStreamThatEndsWithoutItsNamedEventHasFailedOnceAnEventHadAName() {
    String begun = "event: message_start\ndata: {}\n\nevent: content_block_delta\ndata: {}\n\n";
    StreamEnd end = StreamEnd.NAMED_EVENT;
    assertThat(fails(begun, end)).isTrue();
    assertThat(fails(begun + "event: message_stop", end)).isFalse();
    assertThat(fails(begun + "event: response.completed\ndata: {}", end)).isFalse();
    assertThat(fails("data: {\"type\":\"message_start\"}\n\n", end)).isFalse();
    assertThat(fails(begun, StreamEnd.UNKNOWN)).isFalse();
  }

  @Test
  void anErrorInTheLastLineCountsAlthoughNoEmptyLineFollows() {
    assertThat(fails("data: {}\n\ndata: {\"error\":{}}", StreamEnd.UNKNOWN)).isTrue();
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
            "data: {\"error\":{\"code\":7}}",
            "data: {\"error\":null}",
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
    whole.end();
    cut.end();
    assertThat(cut.hasFailed()).isEqualTo(whole.hasFailed());
  }

  @Property
  void theTerminalEventIsFoundWhereItIs(@ForAll("streams") String stream) {
    boolean expected = false;
    boolean terminal = false;
    boolean data = false;
    boolean error = false;
    boolean noJson = false;
    for (String line : stream.lines().toList()) {
      expected |= line.strip().matches("data: ?\\[DONE]") || line.equals("event: message_stop");
      expected |= line.isEmpty() && (terminal || error) && data;
      noJson |= line.startsWith("data: text");
      error |= !noJson && line.equals("data: {\"error\":{\"code\":7}}");
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
    EventStreamScanner scanner = new EventStreamScanner(StreamEnd.UNKNOWN);
    scanner.scan(bytes, 0, bytes.length);
    assertThat(scanner.outputs()).isNotNegative();
  }
}
