package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.LeaseReclaimed;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.StallPolicy;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import okhttp3.Call;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls whose attempts the router takes back, over real sockets. The first endpoint comes first.
 */
class RevokedCallTest extends RoutedTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SOON = Duration.ofMillis(200);
  private static final Duration AGE = Duration.ofMillis(300);

  private final TestServer other = new TestServer();
  private final VirtualScheduler time = new VirtualScheduler();

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
    InferenceRouters.Builder builder =
        InferenceRouters.builder()
            .health(HealthPolicy.none())
            .endpoint(Endpoint.builder("1", server.uri()).maxConcurrency(1).build())
            .endpoint(Endpoint.builder("2", other.uri()).maxConcurrency(1).build())
            .selector(new FirstById())
            .listener(observed);
    InferenceRouter router = settings.apply(builder).build();
    use(router, client().build());
  }

  /** In time that passes when the test says so. */
  private void routeInVirtualTime(UnaryOperator<InferenceRouters.Builder> settings) {
    route(builder -> settings.apply(builder.ticker(time::nanos).scheduler(time)));
  }

  /** Lets time pass until something has been heard. */
  private void passUntilHeard(BlockingQueue<?> events, String what) {
    Waiting.until(
        () -> {
          time.advanceMillis(50);
          return !events.isEmpty();
        },
        what);
  }

  private static LeakPolicy lostAfter(Duration age) {
    return LeakPolicy.builder().maxLeaseAge(age).recordsAcquisition(true).build();
  }

  private static StallPolicy impatient(boolean endsStreams) {
    return StallPolicy.builder()
        .firstTokenBounds(SOON, SOON)
        .streamBounds(SOON, SOON)
        .endsStreams(endsStreams)
        .build();
  }

  /** The first endpoint answers when the test lets it. */
  private void firstAnswersWhenReleased() {
    server.script(
        exchange -> {
          awaitRelease();
          exchange.respond(200, "application/json", "\"first\"");
        });
  }

  /** The first endpoint answers in part, and goes on when the test lets it. */
  private void firstPauses(String contentType, String before, String after) {
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, contentType);
          Exchange.send(out, before);
          awaitRelease();
          Exchange.send(out, after);
          out.close();
        });
  }

  private Future<String> text(Call call) {
    return text(call, Way.EXECUTED);
  }

  private Future<String> text(Call call, Way way) {
    return threads.submit(
        () -> {
          try (Response response = way.answer(call)) {
            return response.code() + " " + response.body().string();
          }
        });
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
  @CsvSource({"EXECUTED, false", "EXECUTED, true", "ENQUEUED, false", "ENQUEUED, true"})
  void aCallOnAnEndpointThatIsTakenOutIsMovedAtOnce(Way way, boolean removed) throws Exception {
    server.script(exchange -> awaitRelease());
    route(builder -> builder);
    Future<String> text = text(call(), way);
    server.take();

    takeOut(removed);

    assertThat(get(text)).isEqualTo("200 \"second\"");
    assertThat(observed.retried().revocation())
        .contains(removed ? Revocation.REMOVED : Revocation.EJECTED);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(other.requests()).isEqualTo(1);
    assertThat(observed.retried).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void ofManyCallsOnlySoManyGoAsThereIsRoomForAndTheOthersAreAnswered(Way way) throws Exception {
    firstAnswersWhenReleased();
    other.script(
        exchange -> {
          awaitRelease();
          exchange.respond(200, "application/json", "\"second\"");
        });
    route(builder -> builder.executor(Runnable::run).maxQueueTime(Duration.ZERO));
    router.updateEndpoints(
        List.of(
            Endpoint.builder("1", server.uri()).maxConcurrency(5).build(),
            Endpoint.builder("2", other.uri()).maxConcurrency(2).build()));
    List<Future<String>> texts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      texts.add(text(call(), way));
      server.take();
    }

    router.eject("1", LONG);

    other.take();
    other.take();
    assertThat(observed.retried).hasSize(2);
    release.countDown();
    for (Future<String> text : texts) {
      assertThat(get(text)).startsWith("200 ");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatIsCancelledWhileItLeavesKeepsNoPlace(Way way) throws Exception {
    server.script(exchange -> awaitRelease());
    List<Call> cancelled = new ArrayList<>();
    whenGivenUp(() -> cancelled.get(0).cancel());
    cancelled.add(call());
    Future<String> text = text(cancelled.get(0), way);
    server.take();

    router.eject("1", LONG);

    assertThatThrownBy(() -> get(text))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
    keepsNoPlace();
  }

  /** Has something done when the attempt has been given up, and its call has not ended. */
  private void whenGivenUp(Runnable action) {
    route(
        builder ->
            builder
                .executor(Runnable::run)
                .listener(
                    new RouterListener() {
                      @Override
                      public void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {
                        if (outcome.kind() == Outcome.Kind.SERVER_FAULT) {
                          action.run();
                        }
                      }
                    }));
  }

  private void keepsNoPlace() throws InterruptedException {
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind())
        .as("the place elsewhere")
        .isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(router.snapshot().inFlight()).isZero();
    assertThat(other.requests()).isZero();
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
    Future<String> text = text(calls.newCall(streamed()));
    server.take();

    router.eject("1", LONG);

    assertThat(get(text)).isEqualTo("200 " + EVENT + DONE);
  }

  @Test
  void whatTheCallerHasBegunToReceiveStaysWhereItIs() throws Exception {
    firstPauses("text/event-stream", EVENT, EVENT + DONE);
    route(builder -> builder);

    try (Response response = calls.newCall(streamed()).execute()) {
      router.eject("1", LONG);
      release.countDown();
      assertThat(response.body().string()).isEqualTo(EVENT + EVENT + DONE);
    }
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(observed.retried).isEmpty();
    assertThat(other.requests()).isZero();
  }

  @Test
  void anAnswerWhoseFirstByteHasComeStaysWhereItIs() throws Exception {
    firstPauses("application/json", "\"", "first\"");
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
    firstAnswersWhenReleased();
    route(builder -> builder);
    Call.Factory saidToBeReplayable =
        RoutingCallFactory.builder(router, client).classifier(FaultTest.replayable()).build();
    Future<String> text = text(saidToBeReplayable.newCall(oneShot()));
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
    Future<String> text = text(call);
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
    firstAnswersWhenReleased();
    route(builder -> builder);
    Call call = RoutingInterceptor.create(router).addTo(client).newCall(request().build());
    Future<String> text = text(call);
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
    routeInVirtualTime(builder -> builder.stalls(impatient(false)));

    Future<String> text = text(calls.newCall(streamed()));
    server.take();
    passUntilHeard(observed.stalled, "a stall");

    assertThat(get(text)).isEqualTo("200 " + EVENT + DONE);
    assertThat(observed.stalled().begun()).isFalse();
    assertThat(observed.retried().revocation()).contains(Revocation.UNANSWERED);
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
    routeInVirtualTime(builder -> builder.stalls(impatient(true)));

    Future<String> text = text(calls.newCall(streamed()));
    Waiting.take(observed.firstTokens, "the first event");
    passUntilHeard(observed.stalled, "a stall");

    assertThatThrownBy(() -> get(text))
        .cause()
        .isInstanceOf(BrokenStreamException.class)
        .cause()
        .hasMessage("attempt: taken back by the router (STALLED)");
    assertThat(observed.outcome())
        .isEqualTo(Outcome.timeout().withProgress(Outcome.Progress.RECEIVED));
    assertThat(other.requests()).isZero();
  }

  @Test
  void aStreamThatIsEndedGoesOnElsewhereIfItsUserSaysHow() throws Exception {
    firstPauses("text/event-stream", EVENT, "");
    other.script(exchange -> exchange.respond(200, "text/event-stream", EVENT + DONE));
    RetryPolicy atOnce = RetryPolicy.builder().backoff(Duration.ZERO).build();
    routeInVirtualTime(builder -> builder.stalls(impatient(true)).retries(atOnce));
    Call.Factory continued =
        RoutingCallFactory.builder(router, client)
            .continuation((request, received) -> Optional.of(request))
            .build();
    Future<String> text = text(continued.newCall(streamed()));
    Waiting.take(observed.firstTokens, "the first event");
    passUntilHeard(observed.stalled, "a stall");

    assertThat(get(text)).isEqualTo("200 " + EVENT + EVENT + DONE);
    assertThat(observed.outcome())
        .isEqualTo(Outcome.timeout().withProgress(Outcome.Progress.RECEIVED));
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @Test
  void aStreamThatStopsIsOtherwiseToldOfAndGoesOn() throws Exception {
    firstPauses("text/event-stream", EVENT, DONE);
    routeInVirtualTime(builder -> builder.stalls(impatient(false)));
    Future<String> text = text(calls.newCall(streamed()));
    Waiting.take(observed.firstTokens, "the first event");
    passUntilHeard(observed.stalled, "a stall");

    assertThat(observed.stalled().begun()).isTrue();
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
    routeInVirtualTime(builder -> builder.leaks(lostAfter(AGE)));
    Call call =
        intercepted
            ? RoutingInterceptor.create(router)
                .addTo(client)
                .newCall(streaming ? streamed() : request().build())
            : calls.newCall(streaming ? streamed() : request().build());
    Response forgotten = forget(call);
    passUntilHeard(observed.reclaimed, "the lease to be reclaimed");

    LeaseReclaimed event = observed.reclaimed();

    assertThat(event.endpoint().id()).isEqualTo("1");
    assertThat(event.acquiredAt().orElseThrow().getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("forget"));
    assertThat(router.snapshot().reclaimed()).isEqualTo(1);
    assertThat(router.snapshot().inFlight()).isZero();
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(observed.stalled).as("the endpoint did nothing wrong").isEmpty();
    Waiting.await(cut, "the server to see the connection go");
    forgotten.close();
    assertThat(observed.reclaimed).isEmpty();
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
    Semaphore pieces = new Semaphore(1);
    server.script(
        exchange -> {
          OutputStream out = exchange.begin(200, "application/x-audio");
          for (int i = 0; i < 40; i++) {
            if (!pieces.tryAcquire(30, TimeUnit.SECONDS)) {
              throw new AssertionError("nobody reads on");
            }
            Exchange.send(out, "x");
          }
          out.close();
        });
    routeInVirtualTime(builder -> builder.stalls(impatient(true)).leaks(lostAfter(AGE)));

    try (Response response = calls.newCall(streamed()).execute()) {
      for (int i = 0; i < 40; i++) {
        assertThat(response.body().source().readByte()).isEqualTo((byte) 'x');
        time.advanceMillis(50);
        pieces.release();
      }
      assertThat(response.body().source().exhausted()).isTrue();
    }
    assertThat(observed.reclaimed).isEmpty();
    assertThat(observed.stalled).isEmpty();
  }

  @Test
  void aWebSocketThatNobodyUsesIsClosedOnceItCountsAsLost() throws Exception {
    routeInVirtualTime(builder -> builder.leaks(lostAfter(AGE)));
    RecordedSocket recorded = new RecordedSocket();
    Object unused =
        ((RoutingCallFactory) calls)
            .newWebSocket(
                new Request.Builder().url("http://inference" + TestServer.SOCKETS).build(),
                recorded);
    Waiting.take(recorded.opened, "the socket to be open");
    passUntilHeard(observed.reclaimed, "the lease to be reclaimed");

    LeaseReclaimed event = observed.reclaimed();

    assertThat(event.endpoint().id()).isEqualTo("1");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(router.snapshot().inFlight()).isZero();
  }
}
