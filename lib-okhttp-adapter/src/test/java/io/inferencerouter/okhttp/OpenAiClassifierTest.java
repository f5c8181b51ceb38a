package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiClassifierTest {
  private static final MediaType JSON = MediaType.get("application/json; charset=utf-8");
  private final OpenAiClassifier classifier = OpenAiClassifier.create();

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
    return InferenceRequest.forModel(model).replayable(true);
  }

  private static InferenceRequest notUnderstood(long bytes) {
    return InferenceRequest.forAnyModel().replayable(true).input(InputUnit.BYTES, bytes).build();
  }

  @Test
  void aChatIsItsModelItsTextAndItsLimit() {
    assertThat(
            chat(
                """
                {"model": "llama-3", "stream": true, "max_tokens": 100, "temperature": 0.7,
                 "messages": [{"role": "system", "content": "Be brief."},
                              {"role": "user", "content": "Grüße \\u20ac", "name": "not counted"}],
                 "tools": [{"type": "function", "function": {"name": "f", "content": "not counted"}}]}
                """))
        .isEqualTo(
            understood("llama-3")
                .streaming(true)
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
        .isEqualTo(expected.build());
    assertThat(classify("/openai/embeddings", "{\"input\":" + input + ",\"model\":\"m\"}"))
        .isEqualTo(expected.outputLimit(0).idempotent(true).build());
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
        .isEqualTo(InferenceRequest.forAnyModel().replayable(true).build());
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
                .streaming(true)
                .outputLimit(7)
                .input(InputUnit.BYTES, bytes.length)
                .build());
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  @Test
  void aBodyWithoutEndIsProducedOnlyUpToTheLimit() {
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
    OpenAiClassifier bounded = OpenAiClassifier.builder().maxScannedBytes(4096).build();
    assertThat(bounded.classify(request("/v1/completions", endless)))
        .isEqualTo(understood("m").build());
    assertThat(written.get()).isLessThanOrEqualTo(4096);
  }

  @Property
  void nothingThatIsClassifiedThrows(@ForAll byte[] bytes, @ForAll String text) {
    for (String path : new String[] {"/chat/completions", "/completions", "/embeddings"}) {
      assertThat(classifier.classify(request(path, RequestBody.create(bytes, JSON)))).isNotNull();
      String json = "{\"model\":" + text + ",\"messages\":[" + text + "],\"input\":" + text + "}";
      assertThat(classify(path, json)).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1023, (1 << 28) + 1})
  void aLimitOutOfRangeIsRefused(int limit) {
    assertThatThrownBy(() -> OpenAiClassifier.builder().maxScannedBytes(limit))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxScannedBytes: " + limit + " (expected: 1024 to 268435456)");
  }
}
