package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceApiClassifierTest {
  private static final MediaType JSON = MediaType.get("application/json; charset=utf-8");
  private final InferenceApiClassifier classifier = InferenceApiClassifier.create();

  private static Request request(String path, RequestBody body) {
    return new Request.Builder().url("http://inference" + path).post(body).build();
  }

  private InferenceRequest classify(String path, String json) {
    return classifier.classify(request(path, RequestBody.create(json, JSON)));
  }

  private InferenceRequest chat(String json) {
    return classify("/v1/chat/completions", json);
  }

  private static InferenceRequest.Builder understood(String model) {
    return InferenceRequest.forModel(model).task("chat").replayable(true);
  }

  private static InferenceRequest notUnderstood(long bytes) {
    return InferenceRequest.forAnyModel().input(InputUnit.BYTES, bytes).build();
  }

  @Test
  void aChatIsItsModelItsTextAndItsLimit() {
    assertThat(
            chat(
                """
                {"model": "llama-3", "stream": true, "max_tokens": 100, "temperature": 0.7,
                 "messages": [{"role": "system", "content": "Be brief."},
                              {"role": "user", "content": "Grüße \\u20ac", "name": "not counted"}],
                 "user": "not a tenant", "prompt_cache_key": "conversation-7"}
                """))
        .isEqualTo(
            understood("llama-3")
                .streaming(true)
                .session("conversation-7")
                .outputLimit(100)
                .input(InputUnit.CHARACTERS, "Be brief.".length() + "Grüße €".length())
                .build());
  }

  @Test
  void partsOfAMessageAreTextsAndImages() {
    assertThat(
            chat(
                """
                {"messages": [{"role": "user", "content": [
                   {"type": "text", "text": "What is this?"},
                   {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
                   {"type": "image_url", "image_url": "http://example.com/a.png"},
                   {"type": "text", "text": null}, null, 7, ["text"]]}],
                 "model": "vision"}
                """))
        .isEqualTo(
            understood("vision")
                .input(InputUnit.CHARACTERS, "What is this?".length())
                .input(InputUnit.IMAGES, 2)
                .build());
  }

  @Test
  void theDefinitionsOfToolsAndTheirCallsArePartOfTheInput() {
    String tools = "[{\"type\": \"function\", \"function\": {\"name\": \"weather\"}}]";
    assertThat(
            chat(
                """
                {"model": "m", "messages": [
                   {"role": "assistant", "content": null, "tool_calls": [
                      {"id": "1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
                   {"role": "tool", "tool_call_id": "1", "content": "Rain."}],
                 "tools":"""
                    + tools
                    + "}"))
        .isEqualTo(
            understood("m")
                .input(InputUnit.CHARACTERS, tools.length() + "{}Rain.".length())
                .build());
  }

  @Test
  void aResponseIsItsInstructionsAndItsInput() {
    assertThat(
            classify(
                "/v1/responses",
                """
                {"input": [
                   {"role": "user", "content": [
                      {"type": "input_text", "text": "What is this?"},
                      {"type": "input_image", "image_url": "http://example.com/a.png"},
                      {"type": "input_image", "file_id": "file-1"}]},
                   {"type": "function_call_output", "call_id": "1", "output": "Rain."}],
                 "instructions": "Be brief.", "max_output_tokens": 50, "stream": true,
                 "prompt_cache_key": "key", "conversation": {"id": "conv_1", "object": "conversation"},
                 "model": "gpt"}
                """))
        .isEqualTo(
            understood("gpt")
                .streaming(true)
                .session("conv_1")
                .outputLimit(50)
                .input(InputUnit.CHARACTERS, "What is this?Rain.Be brief.".length())
                .input(InputUnit.IMAGES, 2)
                .build());
    assertThat(
            classify("/responses", "{\"model\":\"m\",\"input\":\"four\",\"conversation\":\"c\"}"))
        .isEqualTo(understood("m").session("c").input(InputUnit.CHARACTERS, 4).build());
  }

  @Test
  void messagesOfAnthropicAreTheirSystemPromptAndTheirContents() {
    assertThat(
            classify(
                "/anthropic/v1/messages",
                """
                {"max_tokens": 64, "model": "claude", "stream": true,
                 "metadata": {"user_id": "not a tenant"},
                 "messages": [
                   {"role": "user", "content": [
                      {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                      {"type": "text", "text": "What is this?", "cache_control": {"type": "ephemeral"}}]},
                   {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": "x"}]},
                   {"role": "user", "content": [
                      {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "Rain."}]}]}],
                 "system": [{"type": "text", "text": "Be brief."}]}
                """))
        .isEqualTo(
            understood("claude")
                .streaming(true)
                .outputLimit(64)
                .input(InputUnit.CHARACTERS, "What is this?Hm.Rain.Be brief.".length())
                .input(InputUnit.IMAGES, 1)
                .build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"documents\":[\"four\",\"three\"]",
        "\"documents\":[{\"text\":\"four\"},{\"id\":\"1\",\"text\":\"three\"}]",
        "\"texts\":[\"four\",\"three\"],\"top_n\":1",
      })
  void rerankingReadsTheQueryOnceForEachDocument(String documents) {
    InferenceRequest expected =
        understood("m")
            .task("rerank")
            .outputLimit(0)
            .idempotent(true)
            .input(InputUnit.CHARACTERS, "four".length() + "three".length() + 2 * "query?".length())
            .build();
    assertThat(classify("/v2/rerank", "{\"model\":\"m\",\"query\":\"query?\"," + documents + "}"))
        .isEqualTo(expected);
    assertThat(
            classify(
                "/rerank", "{" + documents + ",\"query\":{\"text\":\"query?\"},\"model\":\"m\"}"))
        .isEqualTo(expected);
  }

  @Test
  void messagesOfAThreadAreAnotherApi() {
    String json = "{\"role\":\"user\",\"content\":\"Hello\"}";
    assertThat(classify("/v1/threads/7/messages", json)).isEqualTo(notUnderstood(json.length()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\" \"", "\"a\\nb\"", "7", "null", "{\"id\":7}", "{\"id\":[\"x\"]}", "[\"x\"]"})
  void aSessionThatIsNoNameIsNone(String key) {
    assertThat(chat("{\"model\":\"m\",\"prompt_cache_key\":" + key + "}").session()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"max_tokens\":5|5",
        "\"max_completion_tokens\":6|6",
        "\"max_tokens\":5,\"max_completion_tokens\":6|6",
        "\"max_completion_tokens\":6,\"max_tokens\":5|6",
        "\"max_tokens\":5,\"n\":3|15",
        "\"max_tokens\":5,\"n\":0|5",
        "\"max_tokens\":5,\"n\":null|5",
        "\"max_tokens\":null|-1",
        "\"max_tokens\":-5|-1",
        "\"max_tokens\":\"5\"|-1",
        "\"max_tokens\":5.5|-1",
        "\"max_tokens\":{\"a\":[5]}|-1",
        "\"max_tokens\":99999999999999999999999999|-1",
        "\"max_tokens\":9223372036854775807|1099511627776",
        "\"max_tokens\":9223372036854775807,\"n\":9223372036854775807|1099511627776",
        "\"n\":3|-1",
      })
  void theLimitOfTheOutput(String members, long expected) {
    assertThat(chat("{\"model\":\"m\"," + members + "}").outputLimit()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "\"four\"|4|-1",
        "[\"four\",\"three\"]|9|-1",
        "[1,2,3]|-1|3",
        "[[1,2,3],[4]]|-1|4",
        "[\"four\",[1,2]]|4|2",
        "[]|0|-1",
        "null|0|-1",
        "7|0|-1",
        "{\"a\":\"b\"}|0|-1",
      })
  void theInputOfCompletionsAndEmbeddings(String input, long characters, long tokens) {
    InferenceRequest.Builder expected = understood("m");
    if (characters >= 0) {
      expected.input(InputUnit.CHARACTERS, characters);
    }
    if (tokens >= 0) {
      expected.input(InputUnit.TOKENS, tokens);
    }
    assertThat(classify("/v1/completions", "{\"model\":\"m\",\"prompt\":" + input + "}"))
        .isEqualTo(expected.task("completion").build());
    assertThat(classify("/openai/embeddings", "{\"input\":" + input + ",\"model\":\"m\"}"))
        .isEqualTo(expected.task("embedding").outputLimit(0).idempotent(true).build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"model\":\"m\"",
        "{\"model\":\"m\",}",
        "{\"model\":\"m\"} {}",
        "[]",
        "null",
        "\"text\"",
        "not json",
        "{\"model\":\"m\",\"messages\":[{\"content\":\"unfinished",
        "{\"model\":\"m\",\"messages\":[{]}",
      })
  void whatIsMalformedIsRoutedByItsSize(String json) {
    assertThat(chat(json)).isEqualTo(notUnderstood(json.length()));
  }

  @Test
  void whatIsNestedTooDeeplyIsRoutedByItsSize() {
    String json =
        "{\"model\":\"m\",\"messages\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertThat(chat(json)).isEqualTo(notUnderstood(json.length()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"\"}",
        "{\"model\":\"  \"}",
        "{\"model\":7}",
        "{\"model\":null}",
        "{\"model\":{\"name\":\"m\"}}",
        "{\"model\":\"a\\nb\"}",
        "{}"
      })
  void aModelThatIsNoNameIsAnyModel(String json) {
    assertThat(chat(json).model()).isEmpty();
  }

  @Test
  void aModelWithAVeryLongNameIsAnyModel() {
    assertThat(chat("{\"model\":\"" + "m".repeat(5000) + "\"}").model()).isEmpty();
  }

  @Test
  void otherPathsAndTypesAndEncodingsAreNotRead() {
    String json = "{\"model\":\"m\"}";
    assertThat(classify("/v1/files", json)).isEqualTo(notUnderstood(json.length()));
    assertThat(
            classifier.classify(
                request("/v1/completions", RequestBody.create(json, MediaType.get("text/plain")))))
        .isEqualTo(notUnderstood(json.length()));
    assertThat(
            classifier.classify(
                request("/v1/completions", RequestBody.create(json, JSON))
                    .newBuilder()
                    .header("Content-Encoding", "gzip")
                    .build()))
        .isEqualTo(notUnderstood(json.length()));
  }

  @Test
  void aBodyThatIsNotUtf8IsRoutedByItsSize() {
    byte[] bytes = "{\"model\":\"m\",\"prompt\":\"text\"}".getBytes(StandardCharsets.UTF_16BE);
    assertThat(classifier.classify(request("/v1/completions", RequestBody.create(bytes, JSON))))
        .isEqualTo(notUnderstood(bytes.length));
  }

  @Provide
  Arbitrary<List<String>> members() {
    Arbitrary<String> spaces = Arbitraries.of("", " ", "\n\t", "   ");
    Arbitrary<List<String>> shuffled =
        Arbitraries.shuffle(
            "\"model\"%s:%s\"m\"",
            "\"messages\"%s:%s[{\"role\":\"user\",\"content\":\"Grüße \\\"\\u20ac\\\"\"},{\"content\":[\"€\"]}]",
            "\"system\"%s:%s\"Be brief.\"",
            "\"tools\"%s:%s[ {\"name\" : \"é\"}]",
            "\"max_tokens\"%s:%s7",
            "\"other\"%s:%s{\"system\":\"no\",\"messages\":[[]]}",
            "\"stream\"%s:%strue");
    return shuffled.flatMap(
        all ->
            spaces
                .list()
                .ofSize(2 * all.size())
                .map(
                    s ->
                        IntStream.range(0, all.size())
                            .mapToObj(
                                i ->
                                    s.get(2 * i)
                                        + String.format(all.get(i), s.get(2 * i), s.get(2 * i + 1))
                                        + s.get(2 * i + 1))
                            .toList()));
  }

  @Property
  void neitherTheOrderOfMembersNorTheSpaceBetweenThemMatters(
      @ForAll("members") List<String> members) {
    int characters =
        "Grüße \"€\"".length()
            + "€".length()
            + "Be brief.".length()
            + "[ {\"name\" : \"é\"}]".length();
    assertThat(classify("/v1/messages", "{" + String.join(",", members) + "}"))
        .isEqualTo(
            understood("m")
                .streaming(true)
                .outputLimit(7)
                .input(InputUnit.CHARACTERS, characters)
                .build());
  }

  @Test
  void whatIsNotUnderstoodCanBeReplayedIfItsMethodIsIdempotent() {
    Request.Builder request = new Request.Builder().url("http://inference/v1/files/1");
    RequestBody body = RequestBody.create("text", null);

    assertThat(classifier.classify(request.put(body).build()).replayable()).isTrue();
    assertThat(classifier.classify(request.delete().build()).replayable()).isTrue();
    assertThat(classifier.classify(request.post(body).build()).replayable()).isFalse();
    assertThat(classifier.classify(request.patch(body).build()).replayable()).isFalse();
  }

  @Test
  void aRequestWithoutABodyIsForAnyModel() {
    Request request = new Request.Builder().url("http://inference/v1/models").build();
    assertThat(classifier.classify(request))
        .isEqualTo(InferenceRequest.forAnyModel().replayable(true).build());
  }

  @Test
  void aBodyThatCanBeWrittenOnlyOnceIsNotWritten() {
    for (boolean duplex : new boolean[] {true, false}) {
      RequestBody body =
          new RequestBody() {
            @Override
            public MediaType contentType() {
              return JSON;
            }

            @Override
            public boolean isOneShot() {
              return !duplex;
            }

            @Override
            public boolean isDuplex() {
              return duplex;
            }

            @Override
            public void writeTo(BufferedSink sink) {
              throw new AssertionError("written");
            }
          };
      assertThat(classifier.classify(request("/v1/completions", body)))
          .isEqualTo(InferenceRequest.anyModel());
    }
  }

  @Test
  void aBodyThatCannotBeWrittenIsRoutedAsNotUnderstood() {
    RequestBody body =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return JSON;
          }

          @Override
          public long contentLength() throws IOException {
            throw new IOException("no file");
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            throw new IOException("no file");
          }
        };
    assertThat(classifier.classify(request("/v1/completions", body)))
        .isEqualTo(InferenceRequest.anyModel());
  }

  @Test
  void ofABodyOf100MegabytesOnlyTheBeginningIsReadAndKept() {
    byte[] start =
        "{\"model\":\"m\",\"stream\":true,\"max_tokens\":7,\"prompt\":\""
            .getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[100_000_000];
    Arrays.fill(bytes, (byte) 'x');
    System.arraycopy(start, 0, bytes, 0, start.length);
    bytes[bytes.length - 2] = '"';
    bytes[bytes.length - 1] = '}';
    Request request = request("/v1/completions", RequestBody.create(bytes, JSON));
    classifier.classify(request);
    long before = allocated();
    InferenceRequest classified = classifier.classify(request);
    assertThat(allocated() - before).isLessThan(8L << 20);
    assertThat(classified)
        .isEqualTo(
            understood("m")
                .task("completion")
                .streaming(true)
                .outputLimit(7)
                .input(InputUnit.BYTES, bytes.length)
                .build());
  }

  private static Request large(String before, String after, int size) {
    byte[] start = before.getBytes(StandardCharsets.UTF_8);
    byte[] end = after.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 'x');
    System.arraycopy(start, 0, bytes, 0, start.length);
    System.arraycopy(end, 0, bytes, size - end.length, end.length);
    return request("/v1/chat/completions", RequestBody.create(bytes, JSON));
  }

  @Test
  void theModelOfALargeBodyIsFoundBehindTheMessages() {
    Request request =
        large(
            "{\"messages\":[{\"role\":\"user\",\"model\":\"no\",\"content\":\"\\\"}]",
            "\"}],\"model\":\"m\",\"stream\":true,\"max_tokens\":7,\"prompt_cache_key\":\"c\"}",
            3_000_000);
    assertThat(classifier.classify(request))
        .isEqualTo(
            understood("m")
                .streaming(true)
                .outputLimit(7)
                .session("c")
                .input(InputUnit.BYTES, 3_000_000)
                .build());
  }

  @Test
  void aModelBeyondWhatIsSearchedIsAnyModel() {
    InferenceApiClassifier bounded =
        InferenceApiClassifier.builder().maxScannedBytes(1024).maxSearchedBytes(9999).build();
    String before = "{\"messages\":[{\"content\":\"";
    String after = "\"}],\"model\":\"m\" ";
    assertThat(bounded.classify(large(before, after, 9999)).model()).isEqualTo("m");
    assertThat(bounded.classify(large(before, after, 10_001)).model()).isEmpty();
    bounded = InferenceApiClassifier.builder().maxScannedBytes(1024).maxSearchedBytes(0).build();
    assertThat(bounded.classify(large("{\"model\":\"m\",\"messages\":\"", "\"}", 9999)).model())
        .isEqualTo("m");
    assertThat(bounded.classify(large(before, after, 9999)).model()).isEmpty();
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  @Test
  void aBodyWithoutEndIsProducedOnlyUpToTheLimits() {
    AtomicLong written = new AtomicLong();
    RequestBody endless =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return JSON;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8("{\"model\":\"m\",\"prompt\":[");
            while (true) {
              sink.writeUtf8("1,");
              written.addAndGet(2);
            }
          }
        };
    InferenceApiClassifier bounded =
        InferenceApiClassifier.builder().maxScannedBytes(1024).maxSearchedBytes(4096).build();
    assertThat(bounded.classify(request("/v1/completions", endless)))
        .isEqualTo(understood("m").task("completion").build());
    assertThat(written.get()).isLessThanOrEqualTo(1024 + 4096);
  }

  @Property
  void nothingThatIsClassifiedThrows(@ForAll byte[] bytes, @ForAll String text) {
    for (String path :
        new String[] {
          "/chat/completions",
          "/completions",
          "/embeddings",
          "/responses",
          "/rerank",
          "/v1/messages"
        }) {
      assertThat(classifier.classify(request(path, RequestBody.create(bytes, JSON)))).isNotNull();
      String json =
          "{\"model\":"
              + text
              + ",\"messages\":["
              + text
              + "],\"input\":"
              + text
              + ",\"query\":"
              + text
              + "}";
      assertThat(classify(path, json)).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1023, (1 << 28) + 1})
  void aLimitOutOfRangeIsRefused(int limit) {
    assertThatThrownBy(() -> InferenceApiClassifier.builder().maxScannedBytes(limit))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxScannedBytes: " + limit + " (expected: 1024 to 268435456)");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, (1L << 32) + 1})
  void aLimitOfTheSearchOutOfRangeIsRefused(long limit) {
    assertThatThrownBy(() -> InferenceApiClassifier.builder().maxSearchedBytes(limit))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxSearchedBytes: " + limit + " (expected: 0 to 4294967296)");
  }
}
