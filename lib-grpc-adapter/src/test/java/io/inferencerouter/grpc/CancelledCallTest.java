package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CancelledCallTest extends RoutedTest {
  private final VirtualScheduler scheduler = new VirtualScheduler();
  private ExchangeServer server;

  @BeforeEach
  void serve() throws Exception {
    server = serve("only");
    channels = channels().build();
    router = router(server.endpoint().maxConcurrency(2).build()).build();
    channel =
        routing()
            .classifier(new PatientClassifier(InferenceRequest.anyModel()))
            .scheduler(scheduler)
            .build();
  }

  private static RecordedListener<Answer> start(ClientCall<Ask, Answer> call) {
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(1);
    return listener;
  }

  private void assertCancelled(RecordedListener<Answer> listener) throws Exception {
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(listener.status().getDescription()).isEqualTo("not wanted");
    assertThat(listener.events).endsWith("close").doesNotContain("TWO AT A TIME");
  }

  @Test
  void beforeItIsStartedItCannotBeStarted() {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
    call.cancel("not wanted", null);
    assertThatThrownBy(() -> call.start(new RecordedListener<>(), new Metadata()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("call was cancelled");
    assertThat(observed.granted).hasValue(0);
  }

  @Test
  void whileItIsBeingStartedItEndsAsSoonAsItHas() throws Exception {
    CallRoute<Ask, Answer> route =
        new CallRoute<>(channel, ExchangeGrpc.getChatMethod(), CallOptions.DEFAULT);
    RecordedListener<Answer> listener = new RecordedListener<>();
    route.cancel("not wanted", null);
    route.begin(listener, new Metadata());
    route.send(ask());
    assertCancelled(listener);
    assertThat(observed.granted).hasValue(0);
  }

  @Test
  void whoCancelsDoesNotHearOfWhatAnotherThreadSendsMeanwhile() throws Exception {
    AtomicReference<Runnable> whenCancelled = new AtomicReference<>();
    channels =
        EndpointChannels.of(
            endpoint ->
                new InterceptedChannel(
                    connect(endpoint), () -> {}, () -> whenCancelled.get().run()));
    channel = routing().build();
    CallRoute<Ask, Answer> route =
        new CallRoute<>(channel, ExchangeGrpc.getChatMethod(), CallOptions.DEFAULT);
    whenCancelled.set(
        () -> {
          route.send(ask());
          route.setMessageCompression(true);
          route.halfClose();
        });
    RecordedListener<Answer> listener = new RecordedListener<>();
    route.begin(listener, new Metadata());
    route.send(hang());
    Waiting.take(server.service.asked, "the message");
    assertThatCode(() -> route.cancel("not wanted", null)).doesNotThrowAnyException();
    assertCancelled(listener);
  }

  @Test
  void whileItAwaitsItsFirstMessageItNeverAsksForALease() throws Exception {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getChatMethod());
    RecordedListener<Answer> listener = start(call);
    call.cancel("not wanted", null);
    call.cancel("again", null);
    assertCancelled(listener);
    assertThat(observed.granted).hasValue(0);
    assertThatThrownBy(() -> call.sendMessage(ask()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("call was cancelled");
    assertThatThrownBy(call::halfClose).hasMessage("call was cancelled");
  }

  @Test
  void whileItWaitsForASlotItLeavesTheQueue() throws Exception {
    occupyAllSlots();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
    RecordedListener<Answer> listener = send(call, ask());
    observed.awaitQueued();
    call.cancel("not wanted", null);
    assertCancelled(listener);
    Waiting.until(() -> router.snapshot().queued() == 0, "the queue to be empty");
    freeSlots();
    assertThat(server.service.calls).hasValue(0);
  }

  @Test
  void whileItAwaitsAnAnswerTheLeaseEndsAtOnce() throws Exception {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
    RecordedListener<Answer> listener = send(call, hang());
    Waiting.take(server.service.asked, "the request");
    call.cancel("not wanted", null);
    assertThat(router.snapshot().inFlight()).isZero();
    assertCancelled(listener);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(Waiting.take(server.service.cancelled, "the server to hear")).isEqualTo("Unary");
  }

  @Test
  void betweenTwoMessagesTheServerHearsOfIt() throws Exception {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(1);
    call.sendMessage(ask(1, 2).toBuilder().setHang(true).build());
    call.halfClose();
    assertThat(listener.message().getPayload().size()).isEqualTo(1);
    call.cancel("not wanted", null);
    assertCancelled(listener);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    Waiting.take(server.service.cancelled, "the server to hear");
  }

  @Test
  void afterTheEndItChangesNothing() throws Exception {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
    RecordedListener<Answer> listener = send(call, ask(3));
    assertThat(listener.status()).isEqualTo(Status.OK);
    call.cancel("too late", null);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    assertThat(listener.transcript()).containsExactly("headers", "message", "close");
  }

  @Test
  void aCancelledContextEndsTheWaitForTheMessage() throws Exception {
    Context.CancellableContext context = Context.current().withCancellation();
    ClientCall<Ask, Answer> call = context.call(() -> call(channel, ExchangeGrpc.getChatMethod()));
    RecordedListener<Answer> listener = start(call);
    context.cancel(new IllegalStateException("the user left"));
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(listener.status().getCause()).hasMessage("the user left");
  }

  @Test
  void aCancelledContextEndsTheWaitForASlot() throws Exception {
    occupyAllSlots();
    Context.CancellableContext context = Context.current().withCancellation();
    ClientCall<Ask, Answer> call = context.call(() -> call(channel, ExchangeGrpc.getUnaryMethod()));
    RecordedListener<Answer> listener = send(call, ask());
    observed.awaitQueued();
    context.cancel(null);
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    Waiting.until(() -> router.snapshot().queued() == 0, "the queue to be empty");
  }

  @Test
  void aCancelledContextEndsACallThatWasSentByAnotherThread() throws Exception {
    occupyAllSlots();
    Context.CancellableContext context = Context.current().withCancellation();
    ClientCall<Ask, Answer> call = context.call(() -> call(channel, ExchangeGrpc.getUnaryMethod()));
    RecordedListener<Answer> listener = send(call, hang());
    observed.awaitQueued();
    freeSlots();
    Waiting.take(server.service.asked, "the request");
    context.cancel(null);
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  private CallOptions within(long seconds) {
    return CallOptions.DEFAULT.withDeadline(
        VirtualDeadlines.after(seconds, TimeUnit.SECONDS, scheduler));
  }

  private void assertDeadline(RecordedListener<Answer> listener, String waitingFor)
      throws Exception {
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(listener.status().getDescription()).contains("waiting for " + waitingFor);
  }

  @Test
  void theDeadlineEndsTheWaitForTheMessage() throws Exception {
    RecordedListener<Answer> listener =
        start(channel.newCall(ExchangeGrpc.getChatMethod(), within(3)));
    scheduler.advanceMillis(2_999);
    assertThat(listener.isClosed()).isFalse();
    scheduler.advanceMillis(1);
    assertDeadline(listener, "its first message");
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void theDeadlineEndsTheWaitForASlot() throws Exception {
    occupyAllSlots();
    RecordedListener<Answer> listener =
        send(channel.newCall(ExchangeGrpc.getUnaryMethod(), within(3)), ask());
    assertThat(Waiting.take(observed.queued, "a request to be queued").deadline()).isPresent();
    scheduler.advanceMillis(3_000);
    assertDeadline(listener, "a slot");
    Waiting.until(() -> router.snapshot().queued() == 0, "the queue to be empty");
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void aDeadlineThatHasPassedEndsTheCallBeforeItWaits() throws Exception {
    RecordedListener<Answer> listener =
        start(channel.newCall(ExchangeGrpc.getChatMethod(), within(0)));
    assertDeadline(listener, "nothing");
    assertThat(observed.granted).hasValue(0);
  }

  @Test
  void theRoutersOwnDeadlineIsADeadline() throws Exception {
    occupyAllSlots();
    ClientCall<Ask, Answer> call =
        channel.newCall(
            ExchangeGrpc.getUnaryMethod(),
            CallOptions.DEFAULT.withOption(
                RoutingChannel.INFERENCE_REQUEST,
                InferenceRequest.forAnyModel().deadline(java.time.Duration.ofMillis(20)).build()));
    assertThat(send(call, ask()).status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void noTimerIsLeftWhenTheCallIsSent() throws Exception {
    RecordedListener<Answer> listener =
        send(channel.newCall(ExchangeGrpc.getUnaryMethod(), within(1000)), ask());
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(scheduler.pending()).isZero();
  }
}
