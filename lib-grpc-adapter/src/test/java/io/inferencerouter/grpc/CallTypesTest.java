package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.RawHttp2Server.Treatment;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each fault meets each type of call; that nothing stays behind is looked at in the end. */
class CallTypesTest extends RoutedTest {
  enum Type {
    UNARY,
    SERVER_STREAMING,
    CLIENT_STREAMING,
    BIDIRECTIONAL;

    MethodDescriptor<Ask, Answer> method() {
      return switch (this) {
        case UNARY -> ExchangeGrpc.getUnaryMethod();
        case SERVER_STREAMING -> ExchangeGrpc.getDownloadMethod();
        case CLIENT_STREAMING -> ExchangeGrpc.getUploadMethod();
        case BIDIRECTIONAL -> ExchangeGrpc.getChatMethod();
      };
    }

    boolean sendsOne() {
      return method().getType().clientSendsOneMessage();
    }
  }

  private static final Status.Code[] CUT = {Status.Code.UNAVAILABLE, Status.Code.CANCELLED};

  /** Sends a message, to a server that answers nothing to it. */
  private static RecordedListener<Answer> open(ClientCall<Ask, Answer> call, Type type) {
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(5);
    call.sendMessage(hang());
    if (type.sendsOne()) {
      call.halfClose();
    }
    return listener;
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsRefusedGoesElsewhere(Type type) throws Exception {
    goesElsewhere(type, Treatment.REFUSE);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamBehindAGoAwayGoesElsewhere(Type type) throws Exception {
    goesElsewhere(type, Treatment.GO_AWAY);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamWhoseConnectionIsCutBeforeAnAnswerGoesElsewhere(Type type) throws Exception {
    goesElsewhere(type, Treatment.HANG_UP);
  }

  private void goesElsewhere(Type type, Treatment treatment) throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(treatment, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      RecordedListener<Answer> listener = send(call(channel, type.method()), ask(10));
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.message().getServer()).isEqualTo("live");
      assertThat(listener.transcript()).containsExactly("headers", "message", "close");
      assertThat(live.service.calls).hasValue(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsResetGoesElsewhere(Type type) throws Exception {
    goesElsewhere(type, Treatment.RESET);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsResetFailsIfItMustNotBeSentTwice(Type type) throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.RESET, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      RecordedListener<Answer> listener = send(channel.newCall(type.method(), once()), ask(10));
      assertThat(listener.status().getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
      assertThat(live.service.calls).hasValue(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatDiesFailsTheCall(Type type) throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    RecordedListener<Answer> listener = open(call(channel, type.method()), type);
    Waiting.take(only.service.asked, "the request");
    only.kill();
    assertThat(listener.status().getCode()).isIn((Object[]) CUT);
    assertThat(listener.transcript()).endsWith("close").doesNotContain("TWO AT A TIME");
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsSlowIsLeftAtTheDeadline(Type type) throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    RecordedListener<Answer> listener =
        open(
            channel.newCall(
                type.method(), CallOptions.DEFAULT.withDeadlineAfter(100, TimeUnit.MILLISECONDS)),
            type);
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatIsLeftInTheMiddleIsEndedAtTheServer(Type type) throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    ClientCall<Ask, Answer> call = call(channel, type.method());
    RecordedListener<Answer> listener = open(call, type);
    Waiting.take(only.service.asked, "the request");
    call.cancel("not wanted", null);
    // At once, or when another thread has done what it is at
    Waiting.until(() -> router.snapshot().inFlight() == 0, "the lease to end");
    assertThat(listener.status().getDescription()).isEqualTo("not wanted");
    Waiting.take(only.service.cancelled, "the server to hear");
  }

  @ParameterizedTest
  @EnumSource
  void aShutDownAtOnceEndsTheCall(Type type) throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    RecordedListener<Answer> listener = open(call(channel, type.method()), type);
    Waiting.take(only.service.asked, "the request");
    channel.shutdownNow();
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  @ParameterizedTest
  @EnumSource(
      value = Type.class,
      names = {"CLIENT_STREAMING", "BIDIRECTIONAL"})
  void aServerThatGoesAwayReadsTheRestOfTheCall(Type type) throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    ClientCall<Ask, Answer> call = call(channel, type.method());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(5);
    call.sendMessage(ask(1));
    Waiting.take(only.service.asked, "the first message");
    only.goAway();
    call.sendMessage(ask(2).toBuilder().setNumber(1).build());
    call.halfClose();
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(Waiting.take(only.service.asked, "the second message").getNumber()).isEqualTo(1);
  }

  @Test
  void aServerThatGoesAwaySendsTheRestOfTheAnswer() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(1);
    call.sendMessage(ask(1, 2, 3));
    call.halfClose();
    listener.message();
    only.goAway();
    call.request(3);
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.messages).hasSize(2);
  }

  @Test
  void aCallThatWaitsForTheTimeToTryAgainCanBeCancelled() throws Exception {
    ExchangeServer only = serve("only");
    only.trailers.put(Pushback.MILLIS, "7000");
    VirtualScheduler scheduler = new VirtualScheduler();
    channels = channels().build();
    router =
        router(only.endpoint().build())
            .ticker(scheduler::nanos)
            .scheduler(scheduler)
            .leaks(LeakPolicy.none())
            .build();
    channel = routing().build();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
    RecordedListener<Answer> listener =
        send(call, Ask.newBuilder().setCode(Status.Code.UNAVAILABLE.value()).build());
    Waiting.until(() -> scheduler.pending() == 1, "the retry to be scheduled");
    call.cancel("not wanted", null);
    assertThat(listener.status().getDescription()).isEqualTo("not wanted");
    scheduler.advanceMillis(7_000);
    assertThat(only.service.calls).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Type.class,
      names = {"CLIENT_STREAMING", "BIDIRECTIONAL"})
  void aServerThatDoesNotReadStallsTheSenderWhichCanLeave(Type type) throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    ClientCall<Ask, Answer> call = call(channel, type.method());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(5);
    call.sendMessage(hang().toBuilder().setStall(true).build());
    Waiting.take(only.service.asked, "the message after which nothing more is read");
    Ask large =
        Ask.newBuilder()
            .setPayload(com.google.protobuf.ByteString.copyFrom(new byte[1 << 16]))
            .build();
    int sent = 0;
    while (call.isReady() && sent < 10_000) {
      call.sendMessage(large);
      sent++;
    }
    assertThat(sent).as("messages until the call was not ready").isLessThan(10_000);
    assertThat(only.service.asked).isEmpty();
    call.cancel("not wanted", null);
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
  }
}
