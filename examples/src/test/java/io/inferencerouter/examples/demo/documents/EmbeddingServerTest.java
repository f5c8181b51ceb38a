package io.inferencerouter.examples.demo.documents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.examples.embedding.LoadedModel;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.examples.loopback.ModelServer;
import io.inferencerouter.examples.loopback.Served;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddingServerTest {
  private static final Calibration CALIBRATION = new Calibration(100_000);
  private static final EndpointSpec SPEC = new EndpointSpec("gpu-1", 30, 2);

  private final MiniLm model = LoadedModel.get();
  private final HttpClient client = HttpClient.newHttpClient();
  private EmbeddingServer server;

  @BeforeEach
  void start() throws Exception {
    server = EmbeddingServer.start(new EndpointEngine(SPEC, model, CALIBRATION));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void anAnswerHoldsTheEmbeddingOfEachText() throws Exception {
    List<String> texts = List.of("Freight for 3 pallets", "A cat on a windowsill");

    HttpResponse<byte[]> response = post(new EmbeddingsRequest(MiniLm.NAME, texts, false).toJson());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(response.headers().firstValue(ModelServer.SERVED_BY)).hasValue("gpu-1");
    EmbeddingsResponse body = EmbeddingsResponse.parse(response.body());
    assertThat(body.promptTokens())
        .isEqualTo(model.tokens(texts.get(0)) + model.tokens(texts.get(1)));
    assertThat(body.embeddings()).hasSize(2);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(body.embeddings().get(i))
          .containsExactly(model.embed(texts.get(i)).vector(), within(1e-6f));
    }
  }

  @Test
  void aRequestTakesAtLeastItsStatedTime() throws Exception {
    String text = "hello world";

    post(new EmbeddingsRequest(MiniLm.NAME, List.of(text), true).toJson());

    long stated = CALIBRATION.nominal(model.tokens(text)).toNanos() * 30;
    assertThat(server.takeServed())
        .singleElement()
        .satisfies(
            served ->
                assertThat(served.endNanos() - served.startNanos()).isGreaterThanOrEqualTo(stated));
    assertThat(server.takeServed()).isEmpty();
  }

  @Test
  void noMoreRequestsAreServedAtATimeThanThereArePermits() throws Exception {
    byte[] body = new EmbeddingsRequest(MiniLm.NAME, List.of("hello"), true).toJson();
    List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      answers.add(client.sendAsync(request(body), HttpResponse.BodyHandlers.ofByteArray()));
    }
    for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
      assertThat(answer.get().statusCode()).isEqualTo(200);
    }

    List<Served> served = server.takeServed();
    assertThat(served).hasSize(12);
    for (Served one : served) {
      assertThat(served.stream().filter(other -> runs(other, one.startNanos())).count())
          .isLessThanOrEqualTo(SPEC.permits());
    }
  }

  @Test
  void badRequestsAreAnsweredWithTheReason() throws Exception {
    HttpResponse<byte[]> notJson = post("{".getBytes(UTF_8));
    HttpResponse<byte[]> otherModel =
        post(new EmbeddingsRequest("gpt", List.of("x"), false).toJson());
    HttpResponse<byte[]> get =
        client.send(
            HttpRequest.newBuilder(server.uri().resolve("/v1/embeddings")).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    HttpResponse<byte[]> otherPath =
        client.send(
            HttpRequest.newBuilder(server.uri().resolve("/v1/models")).build(),
            HttpResponse.BodyHandlers.ofByteArray());

    assertThat(notJson.statusCode()).isEqualTo(400);
    assertThat(new String(notJson.body(), UTF_8)).contains("\"error\"", "body: not JSON");
    assertThat(otherModel.statusCode()).isEqualTo(404);
    assertThat(get.statusCode()).isEqualTo(405);
    assertThat(otherPath.statusCode()).isEqualTo(404);
    assertThat(server.takeServed()).isEmpty();
  }

  private static boolean runs(Served served, long instant) {
    return served.startNanos() - instant <= 0 && served.endNanos() - instant > 0;
  }

  private HttpResponse<byte[]> post(byte[] body) throws Exception {
    return client.send(request(body), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpRequest request(byte[] body) {
    return HttpRequest.newBuilder(server.uri().resolve("/v1/embeddings"))
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }
}
