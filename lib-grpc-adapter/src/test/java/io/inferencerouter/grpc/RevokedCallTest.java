package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.AttemptStalled;
import io.inferencerouter.Candidates;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Outcome.Progress;
import io.inferencerouter.Revocation;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.StallPolicy;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls whose attempts the router takes back. The first endpoint comes first. */
class RevokedCallTest extends RoutedTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final VirtualScheduler time = new VirtualScheduler();
  private ExchangeServer first;
  private ExchangeServer second;

  private static int select(InferenceRequest request, Candidates candidates) {
    int chosen = EndpointSelector.NONE;
    for (int i = candidates.size() - 1; i >= 0; i--) {
      if (candidates.isAvailable(i)
          && (chosen == EndpointSelector.NONE || candidates.endpoint(i).id().equals("first"))) {
        chosen = i;
      }
    }
    return chosen;
  }

  private void route(UnaryOperator<InferenceRouters.Builder> settings) throws Exception {
    first = serve("first");
    second = serve("second");
    channels = channels().build();
    router =
        settings
            .apply(
                router(first.endpoint().build(), second.endpoint().build())
                    .health(HealthPolicy.none())
                    .selector(RevokedCallTest::select))
            .build();
    channel = routing().build();
  }

  /** In virtual time; a stream that makes no progress for a second has stopped. */
  private void routeImpatiently(boolean endsStreams) throws Exception {
    StallPolicy impatient =
        StallPolicy.builder()
            .firstTokenBounds(SECOND, SECOND)
            .streamBounds(SECOND, SECOND)
            .endsStreams(endsStreams)
            .build();
    route(builder -> builder.ticker(time::nanos).scheduler(time).stalls(impatient));
  }

  private void pass(long seconds) {
    for (long i = 0; i < 10 * seconds; i++) {
      time.advanceMillis(100);
    }
  }

  /** Lets time pass until something has stopped. */
  private AttemptStalled stall() throws InterruptedException {
    Waiting.until(
        () -> {
          time.advanceMillis(100);
          return !observed.stalled.isEmpty();
        },
        "a stall");
    return observed.stalled.take();
  }

  private void takeOut(boolean removed) {
    if (removed) {
      CompletableFuture<Void> unused = router.remove("first");
    } else {
      router.eject("first", LONG);
    }
  }

  private static Ask hangingAfter(int... sizes) {
    return ask(sizes).toBuilder().setHang(true).build();
  }

  private static Ask numbered(int number) {
    return Ask.newBuilder()
        .setNumber(number)
        .setPayload(ByteString.copyFrom(new byte[100]))
        .build();
  }

  private void assertMoved(Outcome.Kind left, Revocation why) throws Exception {
    var retried = observed.retried();
    assertThat(retried.revocation()).contains(why);
    assertThat(retried.backoff()).isZero();
    assertThat(retried.outcome().progress()).hasValue(Progress.SENT);
    assertThat(observed.outcome().kind()).isEqualTo(left);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(observed.retried).isEmpty();
    assertThat(observed.refused).isEmpty();
  }

  // Redistribution

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallOnAnEndpointThatIsTakenOutIsMovedAtOnce(boolean removed) throws Exception {
    route(builder -> builder);
    RecordedListener<Answer> listener = unary(hang());
    Waiting.take(first.service.asked, "the request");

    takeOut(removed);

    Waiting.take(second.service.asked, "the request, elsewhere");
    second.service.answerHanging();
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.transcript()).containsExactly("headers", "message", "close");
    Waiting.take(first.service.cancelled, "the first server to hear");
    assertMoved(Outcome.Kind.SERVER_FAULT, removed ? Revocation.REMOVED : Revocation.EJECTED);
  }

  @Test
  void ofManyCallsOnlySoManyGoAsThereIsRoomForAndTheOthersAreAnswered() throws Exception {
    route(builder -> builder.executor(Runnable::run).maxQueueTime(Duration.ZERO));
    router.updateEndpoints(
        List.of(
            first.endpoint().maxConcurrency(5).build(),
            second.endpoint().maxConcurrency(2).build()));
    List<RecordedListener<Answer>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(unary(hang()));
      Waiting.take(first.service.asked, "the request");
    }

    router.eject("first", LONG);

    Waiting.take(second.service.asked, "a request, elsewhere");
    Waiting.take(second.service.asked, "another one");
    assertThat(observed.retried).hasSize(2);
    first.service.answerHanging();
    second.service.answerHanging();
    Waiting.until(
        () -> {
          second.service.answerHanging(); // one that was asked again may have found room since
          return all.stream().allMatch(listener -> listener.transcript().contains("close"));
        },
        "all to be answered");
    for (RecordedListener<Answer> listener : all) {
      assertThat(listener.status()).isEqualTo(Status.OK);
    }
  }

  @Test
  void aCallThatIsCancelledWhileItLeavesKeepsNoPlace() throws Exception {
    List<ClientCall<Ask, Answer>> calls = new ArrayList<>();
    route(
        builder ->
            builder.listener(
                new RouterListener() {
                  @Override
                  public void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {
                    if (outcome.kind() == Outcome.Kind.SERVER_FAULT) {
                      calls.get(0).cancel("enough", null);
                    }
                  }
                }));
    calls.add(call(channel, ExchangeGrpc.getUnaryMethod()));
    RecordedListener<Answer> listener = send(calls.get(0), hang());
    Waiting.take(first.service.asked, "the request");

    router.eject("first", LONG);

    assertThat(listener.status().getDescription()).isEqualTo("enough");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind())
        .as("the place elsewhere")
        .isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(router.snapshot().inFlight()).isZero();
    assertThat(second.service.calls).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void allThatWasSentIsSentAgainAndTheRestFollows(boolean removed) throws Exception {
    route(builder -> builder);
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());
    RecordedListener<Answer> listener = open(call);
    for (int i = 0; i < 20; i++) {
      call.sendMessage(numbered(i));
    }
    Waiting.take(first.service.asked, "the first message");

    takeOut(removed);
    for (int i = 20; i < 40; i++) {
      call.sendMessage(numbered(i));
    }
    // The router takes an attempt back by a thread of its own, and an answer would keep it
    Waiting.take(second.service.asked, "the first message, elsewhere");
    call.halfClose();

    assertThat(listener.status()).isEqualTo(Status.OK);
    Answer answer = listener.message();
    assertThat(answer.getServer()).isEqualTo("second");
    assertThat(answer.getNumber()).isEqualTo(40);
    assertThat(answer.getReceived()).isEqualTo(40 * 100);
    assertThat(listener.events).doesNotContain("TWO AT A TIME", "CLOSED TWICE");
    assertMoved(Outcome.Kind.SERVER_FAULT, removed ? Revocation.REMOVED : Revocation.EJECTED);
  }

  @Test
  void theCallerIsNotCalledByTwoAttemptsAtATime() throws Exception {
    route(builder -> builder);
    AtomicInteger callbacks = new AtomicInteger();
    channel =
        routing()
            .executor(
                callback -> {
                  callbacks.incrementAndGet();
                  var unused = CompletableFuture.runAsync(callback);
                })
            .build();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    RecordedListener<Answer> listener =
        new RecordedListener<>() {
          @Override
          public void onReady() {
            events.add("enter");
            inside.countDown();
            try {
              Waiting.await(goOn, "the test to go on");
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            events.add("leave");
          }
        };
    ClientCall<Ask, Answer> call = chat();
    call.start(listener, new Metadata());
    call.request(1);
    call.sendMessage(hang());
    Waiting.await(inside, "the caller to be called");
    Waiting.take(first.service.asked, "the message");

    router.eject("first", LONG);
    Waiting.take(first.service.cancelled, "the first server to hear");
    int before = callbacks.get();
    call.cancel("enough", null);
    assertThat(callbacks).as("callbacks while the caller is being called").hasValue(before);
    goOn.countDown();

    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(listener.status().getDescription()).isEqualTo("enough");
    assertThat(listener.events).endsWith("leave", "close");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(second.service.calls).hasValue(0);
  }

  @Test
  void whatTheCallerHasBegunToReceiveStaysWhereItIs() throws Exception {
    route(builder -> builder);
    ClientCall<Ask, Answer> call = chat();
    RecordedListener<Answer> listener = open(call);
    call.sendMessage(ask(5));
    listener.message();

    router.eject("first", LONG);
    call.sendMessage(ask(6));
    call.halfClose();

    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.message().getServer()).isEqualTo("first");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(observed.retried).isEmpty();
    assertThat(second.service.calls).hasValue(0);
  }

  @Test
  void whatMustNotBeSentTwiceStaysWhereItIs() throws Exception {
    route(builder -> builder);
    CallOptions once =
        CallOptions.DEFAULT.withOption(
            RoutingChannel.INFERENCE_REQUEST, InferenceRequest.anyModel());
    RecordedListener<Answer> listener =
        send(channel.newCall(ExchangeGrpc.getUnaryMethod(), once), hang());
    Waiting.take(first.service.asked, "the request");

    router.eject("first", LONG);
    first.service.answerHanging();

    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(second.service.calls).hasValue(0);
  }

  @Test
  void whatIsNotKeptStaysWhereItIs() throws Exception {
    route(builder -> builder);
    channel = routing().replayBufferBytes(1_000).build();
    RecordedListener<Answer> listener =
        unary(hang().toBuilder().setPayload(ByteString.copyFrom(new byte[1_001])).build());
    Waiting.take(first.service.asked, "the request");

    router.eject("first", LONG);
    first.service.answerHanging();

    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(second.service.calls).hasValue(0);
  }

  @Test
  void aCallThatIsCancelledAfterItWasMovedIsCancelled() throws Exception {
    route(builder -> builder);
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
    RecordedListener<Answer> listener = send(call, hang());
    Waiting.take(first.service.asked, "the request");
    router.eject("first", LONG);
    Waiting.take(second.service.asked, "the request, elsewhere");

    call.cancel("enough", null);

    assertThat(listener.status().getDescription()).isEqualTo("enough");
    assertThat(listener.transcript()).containsExactly("close");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(router.snapshot().inFlight()).isZero();
  }

  @Test
  void howeverOftenEndpointsAreTakenOutEveryCallEndsOnce() throws Exception {
    route(builder -> builder);
    List<RecordedListener<Answer>> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String one = i % 2 == 0 ? "first" : "second";
      String other = i % 2 == 0 ? "second" : "first";
      router.reinstate(one);
      router.eject(other, LONG);
      ClientCall<Ask, Answer> call = chat();
      RecordedListener<Answer> listener = open(call);
      call.sendMessage(hang());
      router.reinstate(other);
      router.eject(one, LONG);
      if (i == 0) {
        assertThat(observed.retried().endpoint().id()).isEqualTo(one);
      }
      call.sendMessage(ask(1));
      call.halfClose();
      all.add(listener);
    }
    for (RecordedListener<Answer> listener : all) {
      assertThat(listener.status().getCode())
          .as("%s", listener.status())
          .isIn(Status.Code.OK, Status.Code.UNAVAILABLE, Status.Code.RESOURCE_EXHAUSTED);
      assertThat(listener.events).doesNotContain("TWO AT A TIME", "CLOSED TWICE");
    }
    Waiting.until(() -> router.snapshot().inFlight() == 0, "every lease to end");
  }

  // Stalls

  private RecordedListener<Answer> download(Ask ask, int requested) {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(requested);
    call.sendMessage(ask);
    call.halfClose();
    return listener;
  }

  @Test
  void aStreamThatDoesNotBeginIsMadeElsewhere() throws Exception {
    routeImpatiently(false);
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = open(call);
    call.sendMessage(hang());
    call.halfClose();
    Waiting.take(first.service.asked, "the request");

    AttemptStalled stall = stall();

    Waiting.take(second.service.asked, "the request, elsewhere");
    assertThat(stall.begun()).isFalse();
    assertThat(stall.endpoint().id()).isEqualTo("first");
    assertThat(observed.retried().revocation()).contains(Revocation.UNANSWERED);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.TIMEOUT);
    call.cancel("seen enough", null);
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void aStreamThatStopsIsEndedWithAClearStatusIfAskedFor() throws Exception {
    routeImpatiently(true);
    RecordedListener<Answer> listener = download(hangingAfter(1, 2), 100);
    listener.message();
    listener.message();

    assertThat(stall().revocation()).contains(Revocation.STALLED);

    Status status = listener.status();
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.getDescription()).isEqualTo("attempt: taken back by the router (STALLED)");
    assertThat(observed.outcome()).isEqualTo(Outcome.timeout().withProgress(Progress.RECEIVED));
    Waiting.take(first.service.cancelled, "the server to hear");
    assertThat(listener.transcript()).containsExactly("headers", "message", "message", "close");
    assertThat(second.service.calls).hasValue(0);
    assertThat(observed.retried).isEmpty();
  }

  @Test
  void whoSendsToACallThatWasTakenBackDoesNotFail() throws Exception {
    routeImpatiently(true);
    ClientCall<Ask, Answer> call = chat();
    RecordedListener<Answer> listener = open(call);
    call.sendMessage(ask(1));
    listener.message();
    call.sendMessage(hang());

    assertThat(stall().begun()).isTrue();

    assertThat(listener.status().getDescription()).contains("(STALLED)");
    call.sendMessage(ask(1));
    call.halfClose();
    assertThat(listener.transcript()).containsExactly("headers", "message", "close");
  }

  @Test
  void aReaderWhoTakesHisTimeIsNotAStall() throws Exception {
    routeImpatiently(true);
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.sendMessage(hangingAfter(1, 2));
    call.halfClose();
    Waiting.take(first.service.asked, "the request");

    pass(10);
    call.request(1);
    listener.message();
    pass(10);
    call.request(1);
    listener.message();
    pass(10);
    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    assertThat(observed.stalled).isEmpty();
    call.request(1);

    assertThat(stall().begun()).isTrue();
    assertThat(listener.status().getDescription()).contains("(STALLED)");
    assertThat(observed.stalled).isEmpty();
    assertThat(second.service.calls).hasValue(0);
  }

  @Test
  void aCallerWhoThinksBeforeHeGoesOnIsNotAStall() throws Exception {
    routeImpatiently(true);
    ClientCall<Ask, Answer> call = chat();
    RecordedListener<Answer> listener = open(call);
    pass(10);
    call.sendMessage(ask(1));
    listener.message();
    pass(10);
    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    call.sendMessage(ask(1));
    listener.message();
    assertThat(observed.stalled).isEmpty();
    call.sendMessage(hang());

    assertThat(stall().begun()).isTrue();
    assertThat(listener.status().getDescription()).contains("(STALLED)");
    assertThat(observed.stalled).isEmpty();
  }

  // Leaks

  @Test
  void aCallThatCountsAsLostIsAborted() throws Exception {
    route(
        builder ->
            builder
                .ticker(time::nanos)
                .scheduler(time)
                .leaks(LeakPolicy.builder().maxLeaseAge(SECOND).build()));
    RecordedListener<Answer> listener = unary(hang());
    Waiting.take(first.service.asked, "the request");

    pass(2);

    assertThat(listener.status().getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(listener.status().getDescription())
        .isEqualTo("attempt: taken back by the router (RECLAIMED)");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(router.snapshot().reclaimed()).isEqualTo(1);
    assertThat(second.service.calls).hasValue(0);
  }
}
