package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.AttemptStalled;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.LeaseReclaimed;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.StallPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls whose attempts the router takes back, over real sockets. The first endpoint comes first.
 */
class RevokedCallTest extends RoutedTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SOON = Duration.ofMillis(200);
  private static final String STREAMED =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"stream\":true}";
  private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  private final TestServer other = new TestServer();
  private final BlockingQueue<AttemptRetried> retried = new LinkedBlockingQueue<>();
  private final BlockingQueue<AttemptStalled> stalled = new LinkedBlockingQueue<>();
  private final BlockingQueue<LeaseReclaimed> reclaimed = new LinkedBlockingQueue<>();

  RevokedCallTest() throws Exception {
    super(Wire.HTTP_1_1);
    other.script(exchange -> exchange.respond(200, "application/json", "\"second\""));
  }

  @AfterEach
  void stopTheOther() throws Exception {
    release.countDown();
    other.stop();
  }

  private void route(UnaryOperator<InferenceRouters.Builder> settings) {
    EndpointSelector first =
        (request, candidates) -> {
          int chosen = EndpointSelector.NONE;
          for (int i = candidates.size() - 1; i >= 0; i--) {
            if (candidates.isAvailable(i)
                && (chosen == EndpointSelector.NONE || candidates.endpoint(i).id().equals("1"))) {
              chosen = i;
            }
          }
          return chosen;
        };
    InferenceRouters.Builder builder =
        InferenceRouters.builder()
            .health(HealthPolicy.none())
            .endpoint(Endpoint.builder("1", server.uri()).maxConcurrency(1).build())
            .endpoint(Endpoint.builder("2", other.uri()).maxConcurrency(1).build())
            .selector(first)
            .listener(observed)
            .listener(
                new RouterListener() {
                  @Override
                  public void attemptRetried(AttemptRetried event) {
                    retried.add(event);
                  }

                  @Override
                  public void attemptStalled(AttemptStalled event) {
                    stalled.add(event);
                  }

                  @Override
                  public void leaseReclaimed(LeaseReclaimed event) {
                    reclaimed.add(event);
                  }
                });
    InferenceRouter router = settings.apply(builder).build();
    use(router, client().build());
  }

  private static StallPolicy impatient(boolean endsStreams) {
    return StallPolicy.builder()
        .firstTokenBounds(SOON, SOON)
        .streamBounds(SOON, SOON)
        .endsStreams(endsStreams)
        .build();
  }

  private Request streamed() {
    return request().post(RequestBody.create(STREAMED, JSON)).build();
  }

  private Future<String> text(Call call, boolean enqueued) {
    return threads.submit(
        () -> {
          try (Response response = answer(call, enqueued)) {
            return response.code() + " " + response.body().string();
          }
        });
  }

  private static Response answer(Call call, boolean enqueued) throws Exception {
    if (!enqueued) {
      return call.execute();
    }
    RecordedCallback callback = new RecordedCallback();
    call.enqueue(callback);
    return callback.get();
  }

  private static String get(Future<String> text) throws Exception {
    return text.get(30, TimeUnit.SECONDS);
  }

  private void takeOut(boolean removed) {
    if (removed) {
      CompletableFuture<Void> unused = router.remove("1");
    } else {
      router.eject("1", LONG);
    }
  }

  // Redistribution

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void aCallOnAnEndpointThatIsTakenOutIsMovedAtOnce(boolean enqueued, boolean removed)
      throws Exception {
    server.script(exchange -> awaitRelease());
    route(builder -> builder);
    Future<String> text = text(call(), enqueued);
    server.take();

    takeOut(removed);

    assertThat(get(text)).isEqualTo("200 \"second\"");
    assertThat(Waiting.take(retried, "a retry").revocation())
        .contains(removed ? Revocation.REMOVED : Revocation.EJECTED);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(other.requests()).isEqualTo(1);
    assertThat(retried).isEmpty();
  }

  @Test
  void aStreamIsMovedAsLongAsNothingOfItHasCome() throws Exception {
    server.script(
        exchange -> {
          OutputStream unused = exchange.begin(200, "text/event-stream");
          awaitRelease();
        });
    other.script(exchange -> exchange.respond(200, "text/event-stream", EVENT + DONE));
    route(builder -> builder);
    Future<String> text = text(calls.newCall(streamed()), false);
    server.take();

    router.eject("1", LONG);

    assertThat(get(text)).isEqualTo("200 " + EVENT + DONE);
  }

  @Test
  void whatTheCallerHasBegunToReceiveStaysWhereItIs() throws Exception {
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, "text/event-stream");
          Exchange.send(out, EVENT);
          awaitRelease();
          Exchange.send(out, EVENT + DONE);
          out.close();
        });
    route(builder -> builder);

    try (Response response = calls.newCall(streamed()).execute()) {
      router.eject("1", LONG);
      release.countDown();
      assertThat(response.body().string()).isEqualTo(EVENT + EVENT + DONE);
    }
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(retried).isEmpty();
    assertThat(other.requests()).isZero();
  }

  @Test
  void anAnswerWhoseFirstByteHasComeStaysWhereItIs() throws Exception {
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, "application/json");
          Exchange.send(out, "\"");
          awaitRelease();
          Exchange.send(out, "first\"");
          out.close();
        });
    route(builder -> builder);

    try (Response response = call().execute()) {
      router.eject("1", LONG);
      release.countDown();
      assertThat(response.body().string()).isEqualTo("\"first\"");
    }
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @Test
  void aBodyThatCanBeWrittenOnlyOnceStaysWhereItIs() throws Exception {
    server.script(
        exchange -> {
          awaitRelease();
          exchange.respond(200, "application/json", "\"first\"");
        });
    route(builder -> builder);
    RequestBody once =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return JSON;
          }

          @Override
          public boolean isOneShot() {
            return true;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8(CHAT);
          }
        };
    Future<String> text = text(calls.newCall(request().post(once).build()), false);
    server.take();

    router.eject("1", LONG);
    release.countDown();

    assertThat(get(text)).isEqualTo("200 \"first\"");
    assertThat(other.requests()).isZero();
  }

  @Test
  void aCallThatIsCancelledWhileItIsMovedIsCancelled() throws Exception {
    server.script(exchange -> awaitRelease());
    other.script(exchange -> awaitRelease());
    route(builder -> builder);
    Call call = call();
    Future<String> text = text(call, false);
    server.take();
    router.eject("1", LONG);
    other.take();

    call.cancel();

    assertThat(call.isCanceled()).isTrue();
    assertThatThrownBy(() -> get(text))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.CANCELLED);
  }

  @Test
  void anInterceptedCallStaysForItsCancellationWouldEndAllOfIt() throws Exception {
    server.script(
        exchange -> {
          awaitRelease();
          exchange.respond(200, "application/json", "\"first\"");
        });
    route(builder -> builder);
    Call call = RoutingInterceptor.create(router).addTo(client).newCall(request().build());
    Future<String> text = text(call, false);
    server.take();

    router.eject("1", LONG);
    release.countDown();

    assertThat(get(text)).isEqualTo("200 \"first\"");
  }

  // Stalls

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStreamThatDoesNotBeginIsFailedOver(boolean headersCome) throws Exception {
    server.script(
        exchange -> {
          if (headersCome) {
            OutputStream unused = exchange.begin(200, "text/event-stream");
          }
          awaitRelease();
        });
    other.script(exchange -> exchange.respond(200, "text/event-stream", EVENT + DONE));
    route(builder -> builder.stalls(impatient(false)));

    Future<String> text = text(calls.newCall(streamed()), false);

    assertThat(get(text)).isEqualTo("200 " + EVENT + DONE);
    assertThat(Waiting.take(stalled, "a stall").begun()).isFalse();
    assertThat(Waiting.take(retried, "a retry").revocation()).contains(Revocation.UNANSWERED);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.TIMEOUT);
    assertThat(router.snapshot().endpoint("1").orElseThrow().errorLevel()).isPositive();
  }

  @Test
  void aStreamThatStopsIsEndedWithAClearErrorIfAskedFor() throws Exception {
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, "text/event-stream");
          Exchange.send(out, EVENT);
          awaitRelease();
        });
    route(builder -> builder.stalls(impatient(true)));

    try (Response response = calls.newCall(streamed()).execute()) {
      assertThatThrownBy(() -> response.body().string())
          .isInstanceOf(BrokenStreamException.class)
          .cause()
          .hasMessage("attempt: taken back by the router (STALLED)");
    }
    assertThat(observed.outcome())
        .isEqualTo(Outcome.timeout().withProgress(Outcome.Progress.RECEIVED));
    assertThat(other.requests()).isZero();
  }

  @Test
  void aStreamThatIsEndedGoesOnElsewhereIfItsUserSaysHow() throws Exception {
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, "text/event-stream");
          Exchange.send(out, EVENT);
          awaitRelease();
        });
    other.script(exchange -> exchange.respond(200, "text/event-stream", EVENT + DONE));
    route(builder -> builder.stalls(impatient(true)));
    Call.Factory continued =
        RoutingCallFactory.builder(router, client)
            .continuation((request, received) -> Optional.of(request))
            .build();

    assertThat(get(text(continued.newCall(streamed()), false)))
        .isEqualTo("200 " + EVENT + EVENT + DONE);
    assertThat(observed.outcome())
        .isEqualTo(Outcome.timeout().withProgress(Outcome.Progress.RECEIVED));
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @Test
  void aStreamThatStopsIsOtherwiseToldOfAndGoesOn() throws Exception {
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, "text/event-stream");
          Exchange.send(out, EVENT);
          awaitRelease();
          Exchange.send(out, DONE);
          out.close();
        });
    route(builder -> builder.stalls(impatient(false)));
    Future<String> text = text(calls.newCall(streamed()), false);

    assertThat(Waiting.take(stalled, "a stall").begun()).isTrue();
    release.countDown();

    assertThat(get(text)).isEqualTo("200 " + EVENT + DONE);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  // Leaks

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void aBodyThatIsNeverClosedGivesItsSlotAndItsConnectionBack(
      boolean streaming, boolean intercepted) throws Exception {
    CountDownLatch cut = new CountDownLatch(1);
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, "text/event-stream");
          Exchange.send(out, EVENT);
          pingUntilCut(out);
          cut.countDown();
        });
    route(
        builder ->
            builder.leaks(
                LeakPolicy.builder()
                    .maxLeaseAge(Duration.ofMillis(300))
                    .recordsAcquisition(true)
                    .build()));
    Call call =
        intercepted
            ? RoutingInterceptor.create(router)
                .addTo(client)
                .newCall(streaming ? streamed() : request().build())
            : calls.newCall(streaming ? streamed() : request().build());
    Response forgotten = forget(call);

    LeaseReclaimed event = Waiting.take(reclaimed, "the lease to be reclaimed");

    assertThat(event.endpoint().id()).isEqualTo("1");
    assertThat(event.acquiredAt().orElseThrow().getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("forget"));
    assertThat(router.snapshot().reclaimed()).isEqualTo(1);
    assertThat(router.snapshot().inFlight()).isZero();
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(stalled).as("the endpoint did nothing wrong").isEmpty();
    Waiting.await(cut, "the server to see the connection go");
    forgotten.close();
    assertThat(reclaimed).isEmpty();
  }

  private void pingUntilCut(OutputStream out) throws InterruptedException {
    try {
      while (!release.await(10, TimeUnit.MILLISECONDS)) {
        Exchange.send(out, ": ping\n\n");
      }
    } catch (IOException connectionGone) {
      assertThat(release.getCount()).isNotZero();
    }
  }

  private static Response forget(Call call) throws IOException {
    return call.execute();
  }

  @Test
  void aServerThatKeepsTalkingIsNotForgotten() throws Exception {
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, "application/x-audio");
          for (int i = 0; i < 40; i++) {
            Exchange.send(out, "x");
            boolean unused = release.await(25, TimeUnit.MILLISECONDS); // the server's pace
          }
          out.close();
        });
    route(
        builder ->
            builder
                .stalls(impatient(true))
                .leaks(LeakPolicy.builder().maxLeaseAge(Duration.ofMillis(400)).build()));

    assertThat(get(text(calls.newCall(streamed()), false))).isEqualTo("200 " + "x".repeat(40));
    assertThat(reclaimed).isEmpty();
    assertThat(stalled).isEmpty();
  }

  @Test
  void aWebSocketThatNobodyUsesIsClosedOnceItCountsAsLost() throws Exception {
    route(
        builder -> builder.leaks(LeakPolicy.builder().maxLeaseAge(Duration.ofMillis(300)).build()));
    RecordedSocket recorded = new RecordedSocket();
    Object unused =
        ((RoutingCallFactory) calls)
            .newWebSocket(
                new Request.Builder().url("http://inference" + TestServer.SOCKETS).build(),
                recorded);

    LeaseReclaimed event = Waiting.take(reclaimed, "the lease to be reclaimed");

    assertThat(event.endpoint().id()).isEqualTo("1");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(router.snapshot().inFlight()).isZero();
  }
}
