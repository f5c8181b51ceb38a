package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import io.inferencerouter.ProbeResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpProbeTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String SECRET = "sk-this-must-not-be-seen";

  private final TestServer server = new TestServer();
  private final OkHttpClient client = new OkHttpClient();
  private final Endpoint endpoint =
      Endpoint.builder("a", server.uri() + "/base")
          .credential(Credential.bearer(() -> SECRET))
          .header("X-Fleet", "blue")
          .build();

  HttpProbeTest() throws Exception {}

  @AfterEach
  void stop() throws Exception {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
    server.stop();
  }

  private static ProbeResult ask(HttpProbe probe, Endpoint endpoint, Duration timeout)
      throws Exception {
    return probe.probe(endpoint, timeout).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private ProbeResult ask(HttpProbe probe) throws Exception {
    return ask(probe, endpoint, LONG);
  }

  @Test
  void aPathBelowTheAddressIsAskedForWithHeadersAndCredentialOfTheEndpoint() throws Exception {
    assertThat(ask(HttpProbe.builder(client).path("/health?deep=1").build()).isHealthy()).isTrue();

    Exchange exchange = server.take();
    assertThat(exchange.method).isEqualTo("GET");
    assertThat(exchange.target).isEqualTo("/base/health?deep=1");
    assertThat(exchange.headers.get("Authorization")).isEqualTo("Bearer " + SECRET);
    assertThat(exchange.headers.get("X-Fleet")).isEqualTo("blue");
  }

  @Test
  void aTinyInferenceIsSentAndItsAnswerLookedAt() throws Exception {
    HttpProbe probe =
        HttpProbe.builder(client)
            .inference("/v1/completions", "{\"max_tokens\":1}")
            .bodyContains("choices")
            .build();
    server.script(exchange -> exchange.respond(200, "application/json", "{\"choices\":[]}"));
    assertThat(ask(probe).isHealthy()).isTrue();
    Exchange exchange = server.take();
    assertThat(exchange.method).isEqualTo("POST");
    assertThat(exchange.target).isEqualTo("/base/v1/completions");
    assertThat(new String(exchange.body, StandardCharsets.UTF_8)).isEqualTo("{\"max_tokens\":1}");

    server.script(exchange2 -> exchange2.respond(200, "application/json", "{\"error\":1}"));
    assertThat(ask(probe).detail()).isEqualTo("the body does not contain what it should");
  }

  @Test
  void aTextOfAnyKindMayHaveToBeInTheAnswer() throws Exception {
    server.script(exchange -> exchange.respond(200, "text/plain", "not at all"));
    for (String text : new String[] {"two\nlines", "long".repeat(10_000), " "}) {
      ProbeResult result = ask(HttpProbe.builder(client).bodyContains(text + "!").build());

      assertThat(result.detail()).isEqualTo("the body does not contain what it should");
    }
  }

  @Test
  void theQueryIsNotTold() {
    assertThat(HttpProbe.builder(client).path("/health?key=" + SECRET).build())
        .hasToString("HttpProbe[GET /health]");
  }

  @Test
  void anotherStatusThanTheExpectedOneIsNotWell() throws Exception {
    server.script(exchange -> exchange.respondEmpty(503));
    assertThat(ask(HttpProbe.builder(client).build()).detail()).isEqualTo("status 503");
    server.script(exchange -> exchange.respondEmpty(200));
    assertThat(ask(HttpProbe.builder(client).status(204).build()).isHealthy()).isFalse();
    server.script(exchange -> exchange.respondEmpty(204));
    assertThat(ask(HttpProbe.builder(client).status(204).build()).isHealthy()).isTrue();
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    TestServer other = new TestServer();
    server.script(exchange -> exchange.header("Location", other.uri()).respondEmpty(302));

    assertThat(ask(HttpProbe.builder(client).build()).detail()).isEqualTo("status 302");
    assertThat(other.requests()).isZero();
    other.stop();
  }

  @Test
  void anEndpointThatDoesNotAnswerOrIsNotThereIsNotWellAndNoSecretIsTold() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    server.script(exchange -> assertThat(release.await(20, TimeUnit.SECONDS)).isTrue());
    ProbeResult slow = ask(HttpProbe.builder(client).build(), endpoint, Duration.ofMillis(200));
    release.countDown();
    assertThat(slow.isHealthy()).isFalse();
    assertThat(slow.toString()).doesNotContain(SECRET);

    server.stop();
    assertThat(ask(HttpProbe.builder(client).build()).detail()).isEqualTo("ConnectException");
    Endpoint elsewhere = Endpoint.of("b", "grpc://somewhere:1");
    assertThat(ask(HttpProbe.builder(client).build(), elsewhere, LONG).isHealthy()).isFalse();
  }

  @Test
  void ofAnEndlessAnswerOnlyTheBeginningIsReadAndTheConnectionIsLeft() throws Exception {
    server.script(
        exchange -> {
          var out = exchange.begin(200, "text/plain");
          for (int i = 0; i < 200; i++) {
            Exchange.send(out, "x".repeat(65_536));
          }
        });

    assertThat(ask(HttpProbe.builder(client).bodyContains("y").build()).isHealthy()).isFalse();
  }

  @Test
  void whatCannotBeAPathIsRefused() {
    assertThatThrownBy(() -> HttpProbe.builder(client).path("health"))
        .hasMessage("path: health (expected: a path that starts with one /)");
    assertThatThrownBy(() -> HttpProbe.builder(client).path("health?key=" + SECRET))
        .hasMessage("path: health (expected: a path that starts with one /)");
    assertThatThrownBy(() -> HttpProbe.builder(client).path("//elsewhere/"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HttpProbe.builder(client).status(1_000))
        .hasMessage("status: 1000 (expected: 100 to 599)");
  }
}
