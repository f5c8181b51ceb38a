package io.inferencerouter.examples.languagemodel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferencerouter.examples.loopback.ModelServer;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class CompletionServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String QUESTION =
      "{\"model\":\"tiny-kjv\",\"seed\":3,\"max_tokens\":12,\"messages\":["
          + "{\"role\":\"system\",\"content\":\"Thus saith the LORD\"},"
          + "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Who is this?\"}]}]%s}";
  private static final int PROMPT_TOKENS =
      LoadedKjv.get().encode("Thus saith the LORD\nWho is this?\n").length;

  private final OkHttpClient client = new OkHttpClient();
  private CompletionServer server;

  @BeforeEach
  void start() throws Exception {
    server = CompletionServer.start("gpu-1", LoadedKjv.get(), Pace.of(1000, 1_000_000), 2);
  }

  @AfterEach
  void stop() {
    server.close();
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  @Test
  void aWholeAnswerHasTextAndUsage() throws Exception {
    try (Response response = ask(QUESTION.formatted(""))) {
      assertThat(response.code()).isEqualTo(200);
      assertThat(response.header("content-type")).isEqualTo("application/json");
      assertThat(response.header(ModelServer.SERVED_BY)).isEqualTo("gpu-1");
      JsonNode body = JSON.readTree(response.body().string());
      assertThat(body.path("object").asText()).isEqualTo("chat.completion");
      assertThat(body.path("model").asText()).isEqualTo("tiny-kjv");
      assertThat(body.at("/choices/0/message/role").asText()).isEqualTo("assistant");
      assertThat(body.at("/choices/0/message/content").asText()).isNotBlank();
      assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("length");
      assertUsage(body.path("usage"), 12);
    }
  }

  @Test
  void aStreamHasAnEventForEachTokenThenTheUsageThenTheEnd() throws Exception {
    List<String> events = events(",\"stream\":true,\"stream_options\":{\"include_usage\":true}");

    assertThat(events).hasSize(12 + 2);
    assertThat(events.get(13)).isEqualTo("[DONE]");
    for (int i = 0; i < 12; i++) {
      JsonNode event = JSON.readTree(events.get(i));
      assertThat(event.path("object").asText()).isEqualTo("chat.completion.chunk");
      assertThat(event.path("id")).isEqualTo(JSON.readTree(events.get(0)).path("id"));
      assertThat(event.at("/choices/0/delta").has("content")).isTrue();
      assertThat(event.at("/choices/0/delta").has("role")).isEqualTo(i == 0);
      assertThat(event.at("/choices/0/finish_reason").asText())
          .isEqualTo(i == 11 ? "length" : "null");
      assertThat(event.has("usage")).isFalse();
    }
    JsonNode last = JSON.readTree(events.get(12));
    assertThat(last.path("choices")).isEmpty();
    assertUsage(last.path("usage"), 12);
    assertThat(server.load().generatedTokens()).isEqualTo(12);
    assertThat(server.load().promptTokens()).isEqualTo(PROMPT_TOKENS);
  }

  @Test
  void withoutBeingAskedAStreamTellsNoUsage() throws Exception {
    assertThat(events(",\"stream\":true")).hasSize(12 + 1).noneMatch(e -> e.contains("usage"));
  }

  @Test
  void equalSeedsGiveEqualTextsStreamedOrNot() throws Exception {
    String whole;
    try (Response response = ask(QUESTION.formatted(""))) {
      whole = JSON.readTree(response.body().string()).at("/choices/0/message/content").asText();
    }
    StringBuilder streamed = new StringBuilder();
    for (String event : events(",\"stream\":true")) {
      if (!event.equals("[DONE]")) {
        streamed.append(JSON.readTree(event).at("/choices/0/delta/content").asText());
      }
    }

    assertThat(streamed.toString()).isEqualTo(whole);
    try (Response other = ask(QUESTION.replace("\"seed\":3", "\"seed\":4").formatted(""))) {
      assertThat(JSON.readTree(other.body().string()).at("/choices/0/message/content").asText())
          .isNotEqualTo(whole);
    }
  }

  @Test
  void anAnswerEndsAtAStop() throws Exception {
    try (Response response =
        ask(QUESTION.replace("12", "300").formatted(",\"stop\":[\"\\n\",\"never\"]"))) {
      JsonNode body = JSON.readTree(response.body().string());
      assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
      assertThat(body.at("/choices/0/message/content").asText()).doesNotContain("\n");
      assertUsage(body.path("usage"), (int) server.load().generatedTokens());
    }
  }

  @Test
  void theLoadComesWithEveryAnswer() throws Exception {
    try (Response response = ask(QUESTION.formatted(",\"stream\":true"))) {
      assertThat(response.header("endpoint-load-metrics"))
          .matches(
              "TEXT named_metrics\\.kv_cache_usage_perc=0\\.\\d+,"
                  + " named_metrics\\.num_requests_waiting=[01]");
    }
    try (Response response = ask(QUESTION.formatted(""))) {
      assertThat(response.header("endpoint-load-metrics")).startsWith("TEXT named_metrics.");
    }
  }

  @Test
  void theModelIsListed() throws Exception {
    try (Response response = get("/v1/models")) {
      JsonNode body = JSON.readTree(response.body().string());
      assertThat(body.path("object").asText()).isEqualTo("list");
      assertThat(body.at("/data/0/id").asText()).isEqualTo("tiny-kjv");
      assertThat(body.at("/data/0/object").asText()).isEqualTo("model");
      assertThat(body.at("/data/0/max_model_len").asInt()).isEqualTo(1024);
    }
  }

  @Test
  void metricsHaveTheNamesOfVllm() throws Exception {
    ask(QUESTION.formatted("")).close();

    try (Response response = get("/metrics")) {
      assertThat(response.header("content-type")).startsWith("text/plain; version=0.0.4");
      assertThat(response.body().string().lines())
          .contains(
              "# TYPE vllm:num_requests_running gauge",
              "vllm:num_requests_running{model_name=\"tiny-kjv\"} 0",
              "vllm:num_requests_waiting{model_name=\"tiny-kjv\"} 0",
              "vllm:kv_cache_usage_perc{model_name=\"tiny-kjv\"} 0.000000",
              "# TYPE vllm:generation_tokens_total counter",
              "vllm:prompt_tokens_total{model_name=\"tiny-kjv\"} " + PROMPT_TOKENS,
              "vllm:generation_tokens_total{model_name=\"tiny-kjv\"} 12");
    }
  }

  @Test
  void aClientThatGoesAwayFreesItsSlot() throws Exception {
    String endless = QUESTION.replace("12", "900").formatted(",\"stream\":true");
    Response gone = ask(endless);
    Response goneToo = ask(endless);
    assertThat(gone.body().source().readUtf8Line()).startsWith("data: ");
    assertThat(goneToo.body().source().readUtf8Line()).startsWith("data: ");
    assertThat(server.load().running()).isEqualTo(2);

    gone.close(); // before the end: the connection is closed
    goneToo.close();

    for (int i = 0; i < 2; i++) {
      try (Response served = ask(QUESTION.formatted(""))) { // had to wait for a slot
        assertThat(served.code()).isEqualTo(200);
      }
    }
    assertThat(server.takeServed()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(server.load().generatedTokens()).isLessThan(900);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{ | 400 | body: not JSON",
        "{\"messages\":[]} | 400 | model: missing",
        "{\"model\":\"gpt\",\"messages\":[]} | 404 | model: not served (expected: tiny-kjv)",
        "{\"model\":\"tiny-kjv\"} | 400 | messages: 0 tokens",
        "{\"model\":\"tiny-kjv\",\"messages\":[{\"role\":\"user\"}]} | 400 | messages.content: missing",
        "{\"model\":\"tiny-kjv\",\"n\":2} | 400 | n: 2 (expected: 1)",
        "{\"model\":\"tiny-kjv\",\"temperature\":3} | 400 | temperature: 3.0 (expected: 0 to 2)",
        "{\"model\":\"tiny-kjv\",\"max_tokens\":0} | 400 | max_tokens: 0 (expected: at least 1)",
        "{\"model\":\"tiny-kjv\",\"stop\":[\"\"]} | 400 | stop: empty (expected: texts)",
        "{\"model\":\"tiny-kjv\",\"max_tokens\":1024,\"messages\":[{\"content\":\"x\"}]} | 400 | max_tokens 1024 (expected: together 1 to 1024)"
      })
  void aBadRequestIsAnsweredWithTheReason(String body, int status, String reason) throws Exception {
    try (Response response = ask(body)) {
      assertThat(response.code()).isEqualTo(status);
      assertThat(JSON.readTree(response.body().string()).at("/error/message").asText())
          .contains(reason);
    }
    assertThat(server.takeServed()).isEmpty();
  }

  @Test
  void otherPathsAndMethodsAreRefused() throws Exception {
    try (Response unknown = get("/v1/embeddings");
        Response wrong = get("/v1/chat/completions")) {
      assertThat(unknown.code()).isEqualTo(404);
      assertThat(wrong.code()).isEqualTo(405);
      assertThat(wrong.header("allow")).isEqualTo("POST");
    }
  }

  private List<String> events(String options) throws Exception {
    try (Response response = ask(QUESTION.formatted(options))) {
      assertThat(response.code()).isEqualTo(200);
      assertThat(response.header("content-type")).isEqualTo("text/event-stream");
      List<String> events = new ArrayList<>();
      for (String event : response.body().string().split("\n\n", -1)) {
        if (!event.isEmpty()) {
          assertThat(event).startsWith("data: ").doesNotContain("\n");
          events.add(event.substring("data: ".length()));
        }
      }
      return events;
    }
  }

  private static void assertUsage(JsonNode usage, int completion) {
    assertThat(usage.path("prompt_tokens").asInt()).isEqualTo(PROMPT_TOKENS);
    assertThat(usage.path("completion_tokens").asInt()).isEqualTo(completion);
    assertThat(usage.path("total_tokens").asInt()).isEqualTo(PROMPT_TOKENS + completion);
  }

  private Response ask(String body) throws Exception {
    return client
        .newCall(
            new Request.Builder()
                .url(server.uri() + CompletionServer.CHAT)
                .post(RequestBody.create(body.getBytes(UTF_8)))
                .build())
        .execute();
  }

  private Response get(String path) throws Exception {
    return client.newCall(new Request.Builder().url(server.uri() + path).build()).execute();
  }
}
