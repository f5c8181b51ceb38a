package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import okhttp3.Call;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Wire.class)
class SynchronousCallTest extends RoutedTest {
  SynchronousCallTest(Wire wire) throws Exception {
    super(wire);
  }

  @Test
  void anAnswerIsASuccessWithTheUsageItStates() throws Exception {
    String answer =
        "{\"choices\":[{\"message\":{\"content\":\"Hi\"}}],"
            + "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":4}}}";
    server.script(e -> e.respond(200, "application/json", answer));
    try (Response response = call().execute()) {
      assertThat(response.code()).isEqualTo(200);
      assertThat(observed.outcomes).isEmpty();
      assertThat(response.body().string()).isEqualTo(answer);
    }
    assertThat(observed.outcome())
        .isEqualTo(Outcome.success().withUsage(Usage.of(7, 3).withCachedInput(4)));
    assertThat(observed.firstTokens).hasSize(1);
  }

  @Test
  void theHeadersAloneAreNotTheFirstOutput() throws Exception {
    try (Response response = call().execute()) {
      assertThat(observed.firstTokens).isEmpty();
      response.body().source().readByte();
      assertThat(observed.firstTokens).hasSize(1);
    }
  }

  @Test
  void theEndOfAJsonDocumentIsTheEndOfTheAnswerAlsoBeforeTheEndOfTheBody() throws Exception {
    String document = "{\"a\":[1,2,{\"b\":\"}\"}]}";
    server.script(
        e -> {
          Exchange.send(e.begin(200, "application/json; charset=utf-8"), document);
          awaitRelease();
        });
    try (Response response = call().execute()) {
      assertThat(response.body().source().readUtf8(document.length())).isEqualTo(document);
      assertThat(observed.outcome()).isEqualTo(Outcome.success());
    }
  }

  @Test
  void aBodyClosedAfterTheAnnouncedNumberOfBytesIsASuccess() throws Exception {
    server.script(e -> e.respond(200, "text/plain", "12345"));
    try (Response response = call().execute()) {
      assertThat(response.body().source().readUtf8(5)).isEqualTo("12345");
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void aBodyClosedBeforeTheEndIsACancel() throws Exception {
    server.script(
        e -> {
          Exchange.send(e.begin(200, "application/json"), "{\"a\":");
          awaitRelease();
        });
    Response response = call().execute();
    response.body().source().readByte();
    response.close();
    response.close();
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  @Test
  void aBodyClosedWithoutBeingReadIsACancel() throws Exception {
    call().execute().close();
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  @Test
  void anEncodedBodyIsNotReadForItsUsage() throws Exception {
    server.script(
        e ->
            e.header("Content-Encoding", "identity-but-unknown")
                .respond(200, "application/json", "{\"usage\":{\"prompt_tokens\":7}}"));
    try (Response response =
        calls.newCall(request().header("Accept-Encoding", "x").build()).execute()) {
      assertThat(response.body().string()).contains("usage");
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @ParameterizedTest
  @CsvSource({
    "400,REJECTED", "401,REJECTED", "404,REJECTED", "408,TIMEOUT", "422,REJECTED",
    "429,RATE_LIMITED", "500,SERVER_FAULT", "502,SERVER_FAULT", "503,SERVER_FAULT", "504,TIMEOUT",
    "304,REJECTED"
  })
  void theStatusDecides(int status, Outcome.Kind kind) throws Exception {
    server.script(
        e -> {
          if (status == 304) {
            e.respondEmpty(304);
          } else {
            e.header("Connection", "close").respond(status, "text/plain", "what happened");
          }
        });
    try (Response response = call().execute()) {
      assertThat(response.code()).isEqualTo(status);
      assertThat(observed.outcome().kind()).isEqualTo(kind);
      assertThat(response.body().string()).isEqualTo(status == 304 ? "" : "what happened");
    }
    assertThat(observed.firstTokens).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7|PT7S",
        "0|PT0S",
        "Thu, 01 Jan 2026 00:01:30 GMT|PT1M30S",
        "Wed, 31 Dec 2025 23:00:00 GMT|PT0S",
        "99999999999999999999|P365D",
        "soon|",
        "-3|"
      })
  void aRateLimitSaysHowLong(String header, Duration expected) throws Exception {
    server.script(e -> e.header("Retry-After", header).respond(429, "text/plain", "slow down"));
    calls =
        RoutingCallFactory.builder(router, client)
            .clock(Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC))
            .build();
    call().execute().close();
    assertThat(observed.outcome())
        .isEqualTo(expected == null ? Outcome.rateLimited() : Outcome.rateLimited(expected));
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 205})
  void aResponseWithoutContentIsASuccess(int status) throws Exception {
    server.script(e -> e.respondEmpty(status));
    Response response = call().execute();
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    response.close();
  }

  @Test
  void theResponseToHeadIsASuccessWithoutABody() throws Exception {
    server.script(e -> e.header("Content-Length", "1000").respondEmpty(200));
    try (Response response = calls.newCall(request().head().build()).execute()) {
      assertThat(response.header("Content-Length")).isEqualTo("1000");
      assertThat(observed.outcome()).isEqualTo(Outcome.success());
      assertThat(response.body().string()).isEmpty();
    }
  }

  @Test
  void aConnectionThatIsCutIsAServerFault() {
    server.script(Exchange::cut);
    assertThatThrownBy(() -> call().execute()).isInstanceOf(IOException.class);
    assertThat(observed.outcomes).containsExactly(Outcome.serverFault());
  }

  @Test
  void aConnectionThatIsCutWithinTheBodyIsAServerFault() throws Exception {
    server.script(
        e -> {
          Exchange.send(e.begin(200, "application/json"), "{\"a\":");
          awaitRelease();
          e.cut();
        });
    try (Response response = call().execute()) {
      response.body().source().readUtf8(5);
      release.countDown();
      assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
  }

  @Test
  void aCallCanBeExecutedOnceAndItsCloneOnceMore() throws Exception {
    Call call = call();
    assertThat(call.isExecuted()).isFalse();
    call.execute().close();
    assertThat(call.isExecuted()).isTrue();
    assertThatThrownBy(call::execute)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Already Executed");
    assertThatThrownBy(() -> call.enqueue(new RecordedCallback()))
        .isInstanceOf(IllegalStateException.class);
    Call clone = call.clone();
    assertThat(clone.isExecuted()).isFalse();
    assertThat(clone.request()).isSameAs(call.request());
    clone.execute().close();
    assertThat(observed.granted).hasValue(2);
  }

  @Test
  void theCallKeepsItsRequestAndTheResponseShowsTheOneThatWasSent() throws Exception {
    Call call = call();
    try (Response response = call.execute()) {
      assertThat(call.request().url().host()).isEqualTo("inference");
      assertThat(response.request().url().port()).isEqualTo(server.port());
      assertThat(response.request().method()).isEqualTo("POST");
    }
  }

  @Test
  void theHeadersOfTheResponseAreUntouched() throws Exception {
    server.script(
        e -> e.header("X-Twice", "1").header("X-Twice", "2").respond(200, "text/plain", "x"));
    try (Response routed = call().execute();
        Response bare = client.newCall(request().url(server.uri() + "/x").build()).execute()) {
      assertThat(routed.headers().newBuilder().removeAll("Date").build())
          .isEqualTo(bare.headers().newBuilder().removeAll("Date").build());
      assertThat(routed.body().contentLength()).isEqualTo(bare.body().contentLength());
      assertThat(routed.body().contentType()).isEqualTo(bare.body().contentType());
      assertThat(routed.protocol()).isEqualTo(bare.protocol());
    }
  }
}
