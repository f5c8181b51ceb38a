package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.AttemptsExhaustedException;
import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.StallPolicy;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import okhttp3.Call;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls that fail on one endpoint, over real sockets. The first endpoint is always tried first. */
class RetriedCallTest extends RoutedTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final TestServer other = new TestServer();
  private final BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
  private boolean timePasses = true;
  private boolean shutDown;

  RetriedCallTest() throws Exception {
    super(Wire.HTTP_1_1);
    server.script(exchange -> exchange.respond(200, "application/json", "\"first\""));
    other.script(exchange -> exchange.respond(200, "application/json", "\"second\""));
  }

  @AfterEach
  void stopTheOther() throws Exception {
    other.stop();
  }

  private static Endpoint.Builder endpoint(String id, String uri) {
    return Endpoint.builder(id, uri).maxConcurrency(64);
  }

  private void useBoth() {
    route(endpoint("1", server.uri()).build(), endpoint("2", other.uri()).build());
  }

  /** Waits are noted, and over at once; or last, if time does not pass. */
  private void route(Endpoint... endpoints) {
    Scheduler scheduler =
        (delay, task) -> {
          if (delay.compareTo(Duration.ofMinutes(1)) < 0) {
            if (shutDown) {
              throw new RejectedExecutionException("shut down");
            }
            waits.add(delay);
            if (timePasses) {
              threads.execute(task);
            }
          }
          return () -> {};
        };
    InferenceRouter router =
        InferenceRouters.builder()
            .health(HealthPolicy.none())
            .stalls(StallPolicy.none())
            .leaks(LeakPolicy.none())
            .endpoints(List.of(endpoints))
            .selector(new FirstById())
            .scheduler(scheduler)
            .listener(observed)
            .maxQueueTime(Duration.ofMinutes(5))
            .build();
    use(router, client().build());
  }

  private static RequestClassifier idempotent() {
    return request -> InferenceRequest.forAnyModel().idempotent(true).build();
  }

  private Call call(Way way, Request request) {
    return call(way, request, InferenceApiClassifier.create());
  }

  private Call call(Way way, Request request, RequestClassifier classifier) {
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    return way.calls(router, client, classifier, clock).newCall(request);
  }

  private String text(Way way, Request request) throws Exception {
    try (Response response = way.answer(call(way, request))) {
      return response.code() + " " + response.body().string();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedConnectionGoesElsewhereWhateverTheBody(Way way) throws Exception {
    route(endpoint("1", closedPort()).build(), endpoint("2", other.uri()).build());

    assertThat(text(way, oneShot())).isEqualTo("200 \"second\"");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource
  void anUnknownHostGoesElsewhere(Way way) throws Exception {
    route(endpoint("1", "http://nowhere.invalid").build(), endpoint("2", other.uri()).build());

    assertThat(text(way, oneShot())).isEqualTo("200 \"second\"");
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionThatIsCutBeforeTheHeadersGoesElsewhere(Way way) throws Exception {
    server.script(Exchange::cut);
    useBoth();

    assertThat(text(way, request().build())).isEqualTo("200 \"second\"");
    assertThat(server.requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void aBodyThatCanBeWrittenOnlyOnceIsNotSentAgain(Way way) {
    server.script(Exchange::cut);
    useBoth();

    assertThatThrownBy(() -> text(way, oneShot())).isInstanceOf(IOException.class);
    assertThat(server.requests()).isEqualTo(1);
    assertThat(other.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aRequestThatWasAnsweredWithARedirectToNowhereIsNotSentAgain(Way way) {
    server.script(
        exchange -> exchange.header("Location", "http://nowhere.invalid/").respondEmpty(303));
    useBoth();

    assertThatThrownBy(() -> text(way, oneShot())).isInstanceOf(UnknownHostException.class);
    assertThat(server.requests()).isEqualTo(1);
    assertThat(other.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aRedirectedRequestWithoutABodyIsNotSentAgainUnlessItIsReplayable(Way way) {
    server.script(
        exchange -> exchange.header("Location", "http://nowhere.invalid/").respondEmpty(302));
    useBoth();
    Request get = request().get().build();

    assertThatThrownBy(() -> way.answer(call(way, get, any -> InferenceRequest.anyModel())))
        .isInstanceOf(UnknownHostException.class);
    assertThat(server.requests()).isEqualTo(1);
    assertThat(other.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aBodyThatCanBeWrittenOnlyOnceIsNotSentAgainEvenIfItsRequestIsIdempotent(Way way)
      throws Exception {
    server.script(exchange -> exchange.respond(503, "text/plain", "first"));
    useBoth();

    try (Response response = way.answer(call(way, oneShot(), idempotent()))) {
      assertThat(response.code()).isEqualTo(503);
    }
    assertThat(other.requests()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"EXECUTED, 502", "ENQUEUED, 503", "INTERCEPTED, 504", "INTERCEPTED_ALONE, 503"})
  void aBurstOfServerErrorsIsAnsweredElsewhere(Way way, int status) throws Exception {
    server.script(exchange -> exchange.respond(status, "text/plain", "busy"));
    useBoth();

    for (int i = 0; i < 10; i++) {
      assertThat(text(way, request().build())).isEqualTo("200 \"second\"");
    }
    assertThat(other.requests()).isEqualTo(10);
  }

  @ParameterizedTest
  @EnumSource
  void theLastResponseIsReturnedAsItIs(Way way) throws Exception {
    server.script(exchange -> exchange.respond(503, "text/plain", "first"));
    other.script(exchange -> exchange.header("X-Of", "2").respond(502, "text/plain", "second"));
    route(endpoint("1", server.uri()).build(), endpoint("2", other.uri()).build());

    try (Response response = way.answer(call(way, request().build()))) {
      // The third attempt goes back to the first, for there is no other.
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.body().string()).isEqualTo("first");
    }
    assertThat(other.requests()).isEqualTo(1);
    assertThat(server.requests()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void whereNoOtherEndpointHasRoomTheResponseIsReturnedAsItWas(Way way) throws Exception {
    server.script(exchange -> exchange.respond(503, "text/plain", "first"));
    route(
        endpoint("1", server.uri()).maxConcurrency(1).build(),
        endpoint("2", other.uri()).maxConcurrency(1).build());
    Lease first = router.acquire(InferenceRequest.anyModel());
    Lease second = router.acquire(InferenceRequest.anyModel());
    first.close();
    RequestClassifier impatient =
        request ->
            InferenceRequest.forAnyModel().replayable(true).maxQueueTime(Duration.ZERO).build();

    try (Response response = way.answer(call(way, request().build(), impatient))) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.body().string()).isEqualTo("first");
    }
    second.close();
  }

  @ParameterizedTest
  @EnumSource
  void whereTheNextAttemptCannotBeWaitedForTheResponseIsReturnedAsItWas(Way way) throws Exception {
    server.script(exchange -> exchange.respond(503, "text/plain", "first"));
    useBoth();
    shutDown = true;

    assertThat(text(way, request().build())).isEqualTo("503 first");
  }

  @ParameterizedTest
  @EnumSource
  void anInternalErrorIsNotForTryingAgain(Way way) throws Exception {
    server.script(exchange -> exchange.respond(500, "text/plain", "first"));
    useBoth();

    assertThat(text(way, request().build())).isEqualTo("500 first");
    assertThat(other.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aPostOfAnUnknownApiIsNotRepeatedUnlessItIsSaidToBeIdempotent(Way way) throws Exception {
    server.script(exchange -> exchange.respond(503, "text/plain", "first"));
    useBoth();
    Request jobs = request().url("http://inference/v1/jobs").build();

    assertThat(text(way, jobs)).isEqualTo("503 first");
    try (Response response = way.answer(call(way, jobs, idempotent()))) {
      assertThat(response.body().string()).isEqualTo("\"second\"");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRateLimitGoesElsewhereAtOnce(Way way) throws Exception {
    server.script(
        exchange -> exchange.header("Retry-After", "30").respond(429, "text/plain", "first"));
    useBoth();

    assertThat(text(way, request().build())).isEqualTo("200 \"second\"");
    assertThat(waits).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "EXECUTED, 429, 7",
    "ENQUEUED, 503, 'Sun, 01 Mar 2026 12:00:07 GMT'",
    "INTERCEPTED, 503, 7",
    "INTERCEPTED_ALONE, 429, 'Sun, 01 Mar 2026 12:00:07 GMT'"
  })
  void theOnlyEndpointIsAskedAgainAfterTheTimeItNames(Way way, int status, String retryAfter)
      throws Exception {
    server.script(
        exchange -> {
          if (server.requests() == 1) {
            exchange.header("Retry-After", retryAfter).respond(status, "text/plain", "later");
          } else {
            exchange.respond(200, "application/json", "\"first\"");
          }
        });
    route(endpoint("1", server.uri()).build());

    assertThat(text(way, request().build())).isEqualTo("200 \"first\"");
    assertThat(waits).containsExactly(Duration.ofSeconds(7));
  }

  @ParameterizedTest
  @EnumSource
  void theOnlyEndpointIsAskedAgainSoonIfItNamesNoTime(Way way) throws Exception {
    server.script(
        exchange ->
            exchange.respond(server.requests() == 1 ? 429 : 200, "application/json", "\"first\""));
    route(endpoint("1", server.uri()).build());

    assertThat(text(way, request().build())).isEqualTo("200 \"first\"");
    assertThat(waits).allSatisfy(wait -> assertThat(wait).isLessThan(Duration.ofMillis(25)));
  }

  @ParameterizedTest
  @EnumSource
  void anEndpointThatWantsToBeLeftAloneForTooLongIsTheCallersToWaitFor(Way way) throws Exception {
    server.script(
        exchange -> exchange.header("Retry-After", "3600").respond(429, "text/plain", "first"));
    route(endpoint("1", server.uri()).build());

    assertThat(text(way, request().build())).isEqualTo("429 first");
    assertThat(server.requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatIsCancelledWhileItWaitsForTheTimeIsCancelled(Way way) throws Exception {
    timePasses = false;
    server.script(
        exchange -> exchange.header("Retry-After", "7").respond(429, "text/plain", "first"));
    route(endpoint("1", server.uri()).build());
    Call call = call(way, request().build());
    Future<Response> answer = threads.submit(() -> way.answer(call));
    Waiting.take(waits, "the wait");

    call.cancel();

    assertThatThrownBy(answer::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(IOException.class)
        .hasMessage("Canceled");
    assertThat(server.requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatFailsBeforeItsFirstByteIsTakenOver(Way way) throws Exception {
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, "text/event-stream");
          out.flush();
          exchange.cut();
        });
    other.script(exchange -> exchange.respond(200, "text/event-stream", EVENT + DONE));
    useBoth();

    assertThat(text(way, streamed())).isEqualTo("200 " + EVENT + DONE);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatFailsAfterItsFirstByteIsTheCallers(Way way) throws Exception {
    server.script(
        exchange -> {
          Exchange.send(exchange.begin(200, "text/event-stream"), EVENT);
          awaitRelease();
          exchange.cut();
        });
    useBoth();

    try (Response response = way.answer(call(way, streamed()))) {
      assertThat(response.body().source().readUtf8(EVENT.length())).isEqualTo(EVENT);
      release.countDown();
      assertThatThrownBy(() -> response.body().source().readUtf8()).isInstanceOf(IOException.class);
    }
    assertThat(other.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void eachAttemptCarriesTheCredentialOfItsOwnEndpointOnly(Way way) throws Exception {
    server.script(exchange -> exchange.respond(503, "text/plain", "first"));
    route(
        endpoint("1", server.uri()).credential(Credential.bearer("one")).header("X-1", "1").build(),
        endpoint("2", other.uri()).credential(Credential.bearer("two")).build());

    assertThat(text(way, request().build())).isEqualTo("200 \"second\"");
    assertThat(server.take().headers.getValuesList("Authorization")).containsExactly("Bearer one");
    Exchange second = other.take();
    assertThat(second.headers.getValuesList("Authorization")).containsExactly("Bearer two");
    assertThat(second.headers.contains("X-1")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void whereAllFailTheFailureNamesTheStateOfEachEndpoint(Way way) throws Exception {
    route(endpoint("1", closedPort()).build(), endpoint("2", closedPort()).build());

    assertThatThrownBy(() -> text(way, request().build()))
        .satisfies(
            failure ->
                assertThat(failure.getSuppressed())
                    .anySatisfy(
                        suppressed ->
                            assertThat(suppressed)
                                .isInstanceOf(AttemptsExhaustedException.class)
                                .hasMessageContaining("1 WARMING (")
                                .hasMessageContaining("2 WARMING (")));
    for (int i = 0; i < 3; i++) {
      assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatFailedBeforeIsSuppressedInTheLastFailure(Way way) throws Exception {
    server.script(Exchange::cut);
    route(endpoint("1", closedPort()).build(), endpoint("2", server.uri()).build());

    assertThatThrownBy(() -> text(way, request().build()))
        .isInstanceOf(IOException.class)
        .satisfies(last -> assertThat(last.getSuppressed()).isNotEmpty());
  }
}
