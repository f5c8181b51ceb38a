package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.Waiting;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The first endpoint answers, and says that it is not able or not willing to. */
class StatusFaultTest extends FaultTest {
  StatusFaultTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  @ParameterizedTest
  @EnumSource
  void aBurstOfServerErrorsLosesNoCallAndEjectsTheEndpoint(Way way) throws Exception {
    int[] statuses = {502, 503, 504};
    server.script(
        exchange ->
            exchange.respond(statuses[server.requests() % statuses.length], "text/plain", "no"));

    for (int i = 0; i < 20; i++) {
      assertThat(text(way, chat())).isEqualTo("200 \"second\"");
    }
    assertThat(Waiting.take(observed.ejected, "the endpoint to be ejected")).isNotNull();
    assertThat(second.requests()).isEqualTo(20);
  }

  @ParameterizedTest
  @EnumSource
  void aServerErrorForWhatCanBeWrittenOnlyOnceIsTheCallers(Way way) throws Exception {
    server.script(exchange -> exchange.respond(503, "text/plain", "no"));

    assertThat(text(way, oneShot())).isEqualTo("503 no");
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aServerErrorOnEveryEndpointIsTheCallersInTheEnd(Way way) throws Exception {
    server.script(exchange -> exchange.respond(503, "text/plain", "no"));
    second.script(exchange -> exchange.respond(502, "text/plain", "neither"));

    assertThat(text(way, chat())).isIn("503 no", "502 neither");
    assertThat(server.requests() + second.requests()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void aRateLimitWithoutATimeIsAnsweredElsewhere(Way way) throws Exception {
    server.script(exchange -> exchange.respond(429, "text/plain", "slow down"));

    isAnsweredByTheSecond(way, chat(), Outcome.Kind.RATE_LIMITED);
  }

  @ParameterizedTest
  @CsvSource({
    "EXECUTED, 3600",
    "ENQUEUED, 3600",
    "INTERCEPTED, 3600",
    "INTERCEPTED_ALONE, 3600",
    "EXECUTED, 'Sun, 01 Mar 2026 13:00:00 GMT'",
    "ENQUEUED, 'Sun, 01 Mar 2026 13:00:00 GMT'",
    "INTERCEPTED, 'Sun, 01 Mar 2026 13:00:00 GMT'",
    "INTERCEPTED_ALONE, 'Sun, 01 Mar 2026 13:00:00 GMT'"
  })
  void anEndpointIsLeftAloneForTheTimeItNames(Way way, String retryAfter) throws Exception {
    server.script(
        exchange ->
            exchange.header("Retry-After", retryAfter).respond(429, "text/plain", "slow down"));

    isAnsweredByTheSecond(way, chat(), Outcome.Kind.RATE_LIMITED);
    // By whom this is done, and whether before the call ends, is the router's own business.
    assertThat(Waiting.take(observed.ejected, "the endpoint to be left alone")).isNotNull();
    for (int i = 0; i < 10; i++) {
      assertThat(text(way, chat())).isEqualTo("200 \"second\"");
    }
    assertThat(server.requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"EXECUTED, 1", "ENQUEUED, 'Sun, 01 Mar 2026 12:00:01 GMT'", "INTERCEPTED, 1"})
  void theOnlyEndpointThereIsIsWaitedFor(Way way, String retryAfter) throws Exception {
    server.script(
        exchange -> {
          if (server.requests() == 1) {
            exchange.header("Retry-After", retryAfter).respond(429, "text/plain", "slow down");
          } else {
            exchange.respond(200, "application/json", "\"first\"");
          }
        });
    use(
        InferenceRouters.builder()
            .endpoint(Endpoint.builder("1", faulty.uri()).maxConcurrency(8).build())
            .listener(observed)
            .build(),
        client().build());

    assertThat(text(way, chat())).isEqualTo("200 \"first\"");
    assertThat(server.requests()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void aResponseWhoseAttemptIsMadeAgainIsClosed(Way way) throws Exception {
    server.script(exchange -> exchange.respond(503, "text/plain", "x".repeat(1_000_000)));

    try (Response response = way.answer(call(way, chat()))) {
      assertThat(response.body().string()).isEqualTo("\"second\"");
    }
    assertThat(client.connectionPool().connectionCount())
        .isEqualTo(client.connectionPool().idleConnectionCount());
  }
}
