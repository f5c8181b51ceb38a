package io.inferencerouter.examples.langchain4j;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpMethod;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.DefaultServerSentEventParser;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.CapturedOutput;
import io.inferencerouter.examples.languagemodel.CompletionServer;
import io.inferencerouter.examples.languagemodel.LoadedKjv;
import io.inferencerouter.examples.languagemodel.Pace;
import io.inferencerouter.examples.loopback.LoopbackServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LangChain4jExampleTest {
  private static final Pace FAST = Pace.of(1000, 1_000_000);

  private final OkHttpClient client = new OkHttpClient();

  @AfterEach
  void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  @Test
  void aModelThatAnswersAtOnceIsRouted() throws Exception {
    try (CompletionServer one = server();
        CompletionServer two = server();
        InferenceRouter router = LangChain4jExample.router(List.of(one.uri(), two.uri()))) {
      assertThat(LangChain4jExample.ask(router, client, "Who is wise?")).isNotBlank();

      assertThat(one.load().generatedTokens() + two.load().generatedTokens()).isEqualTo(40);
      assertThat(router.snapshot().endpoints()).allMatch(endpoint -> endpoint.inFlight() == 0);
    }
  }

  @Test
  void aModelThatStreamsIsRouted() throws Exception {
    ConcurrentLinkedQueue<String> pieces = new ConcurrentLinkedQueue<>();
    try (CompletionServer one = server();
        InferenceRouter router = LangChain4jExample.router(List.of(one.uri()))) {
      ChatResponse response =
          LangChain4jExample.askStreaming(router, client, "Who is wise?", pieces::add)
              .get(30, SECONDS);

      assertThat(pieces).hasSizeGreaterThan(10);
      assertThat(String.join("", pieces)).isEqualTo(response.aiMessage().text());
      assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(40);
      assertThat(response.finishReason())
          .isEqualTo(dev.langchain4j.model.output.FinishReason.LENGTH);
    }
  }

  @Test
  void errorsOfTheEndpointArriveWithTheirStatus() throws Exception {
    try (CompletionServer one = server();
        InferenceRouter router = anyModel(one.uri().toString())) {
      HttpClient http = new RoutingHttpClientBuilder(router, client).build();
      HttpRequest bad = post("{\"model\":\"gpt\",\"messages\":[]}");

      assertThatThrownBy(() -> http.execute(bad))
          .isInstanceOfSatisfying(
              HttpException.class, e -> assertThat(e.statusCode()).isEqualTo(404))
          .hasMessageContaining("model: not served");
      Events events = new Events(event -> {});
      http.execute(bad, new DefaultServerSentEventParser(), events);
      assertThat(catchThrowable(() -> events.end.get(30, SECONDS)))
          .hasCauseInstanceOf(HttpException.class);
    }
  }

  @Test
  void anEndpointThatIsGoneIsAnError() throws Exception {
    LoopbackServer gone = LoopbackServer.start("gone", exchange -> {});
    gone.close();
    try (InferenceRouter router = anyModel(gone.uri().toString())) {
      HttpClient http = new RoutingHttpClientBuilder(router, client).build();

      assertThatThrownBy(() -> http.execute(post("{}"))).hasCauseInstanceOf(IOException.class);
      Events events = new Events(event -> {});
      http.execute(post("{}"), new DefaultServerSentEventParser(), events);
      assertThat(catchThrowable(() -> events.end.get(30, SECONDS)))
          .hasRootCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void theTimeoutsOfTheModelAreKept() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (LoopbackServer silent = LoopbackServer.start("silent", exchange -> never.await());
        InferenceRouter router = anyModel(silent.uri().toString())) {
      RoutingHttpClientBuilder builder = new RoutingHttpClientBuilder(router, client);
      builder.connectTimeout(Duration.ofSeconds(7)).readTimeout(Duration.ofMillis(50));

      assertThat(builder.connectTimeout()).isEqualTo(Duration.ofSeconds(7));
      assertThat(builder.readTimeout()).isEqualTo(Duration.ofMillis(50));
      assertThatThrownBy(() -> builder.build().execute(post("{}")))
          .isInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void aStreamThatIsCancelledEndsAtTheEndpoint() throws Exception {
    try (CompletionServer one = CompletionServer.start("gpu", LoadedKjv.get(), FAST, 1);
        InferenceRouter router = anyModel(one.uri().toString())) {
      HttpClient http = new RoutingHttpClientBuilder(router, client).build();
      Events events = new Events(context -> context.parsingHandle().cancel());

      http.execute(
          post(
              "{\"model\":\"tiny-kjv\",\"stream\":true,\"max_tokens\":900,"
                  + "\"messages\":[{\"role\":\"user\",\"content\":\"On and on\"}]}"),
          new DefaultServerSentEventParser(),
          events);

      events.end.get(30, SECONDS);
      assertThat(events.received).hasSize(1);
      assertThat(router.snapshot().endpoints()).allMatch(endpoint -> endpoint.inFlight() == 0);
      assertThat(LangChain4jExample.ask(router, client, "Who is wise?"))
          .isNotBlank(); // had to wait
      assertThat(one.load().generatedTokens()).isLessThan(900);
    }
  }

  @Test
  void formsAndOtherMethodsAreSentAsTheyAre() throws Exception {
    ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
    try (LoopbackServer echo =
            LoopbackServer.start(
                "echo",
                exchange -> {
                  seen.add(exchange.getRequestMethod());
                  seen.add(String.valueOf(exchange.getRequestHeaders().getFirst("content-type")));
                  seen.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                  LoopbackServer.json(exchange, 200, "{}".getBytes(UTF_8));
                });
        InferenceRouter router = anyModel(echo.uri().toString())) {
      HttpClient http = new RoutingHttpClientBuilder(router, client).build();

      http.execute(
          HttpRequest.builder()
              .method(HttpMethod.POST)
              .url("http://any/v1/files")
              .addFormDataField("purpose", "test")
              .addFormDataFile("file", "a.txt", "text/plain", "content".getBytes(UTF_8))
              .build());
      SuccessfulHttpResponse get =
          http.execute(
              HttpRequest.builder().method(HttpMethod.GET).url("http://any/v1/models").build());

      assertThat(get.statusCode()).isEqualTo(200);
      assertThat(get.body()).isEqualTo("{}");
      assertThat(get.contentType()).isEqualTo("application/json");
      List<String> all = List.copyOf(seen);
      assertThat(all.get(0)).isEqualTo("POST");
      assertThat(all.get(1)).startsWith("multipart/form-data; boundary=");
      assertThat(all.get(2)).contains("name=\"purpose\"", "filename=\"a.txt\"", "content");
      assertThat(all.subList(3, 6)).containsExactly("GET", "null", "");
    }
  }

  @Test
  void itPrintsTwoAnswers() throws Exception {
    assertThat(CapturedOutput.of(() -> LangChain4jExample.main(new String[0])).lines())
        .hasSizeGreaterThanOrEqualTo(2);
  }

  private static CompletionServer server() throws Exception {
    return CompletionServer.start("gpu", LoadedKjv.get(), FAST, 2);
  }

  private static InferenceRouter anyModel(String url) {
    return InferenceRouters.of(Endpoint.of("gpu", url));
  }

  private static HttpRequest post(String json) {
    return HttpRequest.builder()
        .method(HttpMethod.POST)
        .url("http://any/v1/chat/completions")
        .addHeader("Content-Type", "application/json")
        .body(json)
        .build();
  }

  /** Collects events until the stream ends. */
  private static final class Events implements ServerSentEventListener {
    private final ConcurrentLinkedQueue<ServerSentEvent> received = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Consumer<ServerSentEventContext> onEvent;

    Events(Consumer<ServerSentEventContext> onEvent) {
      this.onEvent = onEvent;
    }

    @Override
    public void onEvent(ServerSentEvent event, ServerSentEventContext context) {
      received.add(event);
      onEvent.accept(context);
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onClose() {
      end.complete(null);
    }
  }
}
