package io.inferencerouter.okhttp.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Usage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageReaderTest {
  private static UsageReader read(String text) {
    UsageReader reader = new UsageReader();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    reader.read(bytes, 0, bytes.length);
    return reader;
  }

  @Test
  void ofSeveralStatementsTheLastCounts() {
    assertThat(
            read("{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}"
                    + "\n{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":5}}")
                .usage())
        .isEqualTo(Usage.of(1, 5));
  }

  @Test
  void anEmbeddingHasNoOutput() {
    assertThat(read("{\"data\":[],\"usage\":{\"prompt_tokens\":9,\"total_tokens\":9}}").usage())
        .isEqualTo(Usage.of(9, 0));
  }

  @Test
  void aResponseStatesItsUsageInItsLastEvent() {
    assertThat(
            read("""
                    {"type":"response.completed","response":{"id":"r","output":[{"usage":{"input_tokens":9}}],
                     "usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":30},
                     "output_tokens":87,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":123}}}
                    """)
                .usage())
        .isEqualTo(Usage.of(36, 87).withCachedInput(30));
  }

  @Test
  void messagesOfAnthropicStateTheirUsageInTwoEvents() {
    assertThat(
            read("""
                    {"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":25,
                     "cache_creation_input_tokens":100,"cache_read_input_tokens":1000,
                     "cache_creation":{"ephemeral_5m_input_tokens":100},"output_tokens":1}}}
                    {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}
                    """)
                .usage())
        .isEqualTo(Usage.of(1125, 15).withCachedInput(1000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"usage\":{\"total_tokens\":56},\"results\":[]}",
        "{\"usage\":{\"prompt_tokens\":56,\"total_tokens\":56}}",
        "{\"results\":[],\"meta\":{\"api_version\":{\"version\":\"2\"},"
            + "\"billed_units\":{\"search_units\":1},\"tokens\":{\"input_tokens\":56}}}",
      })
  void rerankingStatesNothingButItsInput(String text) {
    assertThat(read(text).usage()).isEqualTo(Usage.of(56, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"usage\":null}",
        "{\"usage\":[{\"prompt_tokens\":1}]}",
        "{\"usage\":7,\"prompt_tokens\":1}",
        "{\"choices\":[{\"usage\":{\"prompt_tokens\":1}}]}",
        "{\"a\":{\"b\":{\"usage\":{\"prompt_tokens\":1}}}}",
        "{\"a\":\"usage\",\"b\":{\"prompt_tokens\":1}}",
        "[{\"usage\":{\"prompt_tokens\":1}}]",
        "{\"usage\":{\"prompt_tokens\":-1}}",
        "{\"usage\":{\"prompt_tokens\":\"1\"}}",
        "{\"usage\":{\"prompt_tokens\":1.5}}",
        "{\"usage\":{\"prompt_tokens\":99999999999999999999999}}",
        "{\"usage\":{\"prompt_tokens\":9223372036854775807}}",
        "{\"usage\":{\"completion_tokens\":3}}",
        "{\"usage\":{\"completion_tokens\":3,\"total_tokens\":5}}",
        "{\"usage\":{\"details\":{\"input_tokens\":3}}}",
        "{\"data\":{\"meta\":{\"tokens\":{\"input_tokens\":3}}}}",
        "",
        "null",
        "}{",
      })
  void whatDoesNotStateTheInputIsUnknown(String text) {
    assertThat(read(text).usage()).isEqualTo(Usage.unknown());
  }

  @Test
  void aTextThatIsTooLongEndsTheSearchSilently() {
    UsageReader reader = new UsageReader();
    byte[] start = "{\"content\":\"".getBytes(StandardCharsets.UTF_8);
    reader.read(start, 0, start.length);
    byte[] text = "x".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 100; i++) {
      reader.read(text, 0, text.length);
    }
    byte[] end = "\",\"usage\":{\"prompt_tokens\":1}}".getBytes(StandardCharsets.UTF_8);
    reader.read(end, 0, end.length);
    assertThat(reader.usage()).isEqualTo(Usage.unknown());
    assertThat(reader.isDocumentEnded()).isFalse();
  }

  @Test
  void aDocumentEndsWithItsLastBracket() {
    assertThat(read("{\"a\":[{}]").isDocumentEnded()).isFalse();
    assertThat(read("{\"a\":[{}]}").isDocumentEnded()).isTrue();
    assertThat(read("{} {").isDocumentEnded()).isFalse();
  }

  @Property
  void howTheBytesAreCutDoesNotMatter(
      @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 30) Integer> cuts) {
    byte[] bytes =
        ("{\"choices\":[{\"text\":\"\\\"usage\\\":{\\u20ac€\"}],\"usage\":{\"prompt_tokens\":123,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":45},\"completion_tokens\":678}}")
            .getBytes(StandardCharsets.UTF_8);
    UsageReader reader = new UsageReader();
    int from = 0;
    for (int cut : cuts) {
      int to = Math.min(bytes.length, from + cut);
      reader.read(bytes, from, to);
      from = to;
    }
    reader.read(bytes, from, bytes.length);
    assertThat(reader.usage()).isEqualTo(Usage.of(123, 678).withCachedInput(45));
    assertThat(reader.isDocumentEnded()).isTrue();
  }

  @Property
  void nothingThatIsReadThrows(@ForAll @Size(max = 300) @ByteRange(min = 0) byte[] bytes) {
    UsageReader reader = new UsageReader();
    reader.read(bytes, 0, bytes.length);
    reader.read(bytes, 0, bytes.length);
    assertThat(reader.usage()).isEqualTo(Usage.unknown());
  }
}
