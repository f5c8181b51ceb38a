package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.AttemptsExhaustedException;
import io.inferencerouter.Outcome;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.RawHttp2Server.Treatment;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryTest extends RoutedTest {
  private static final int UNAVAILABLE = Status.Code.UNAVAILABLE.value();

  private static Ask failing() {
    return Ask.newBuilder().setCode(UNAVAILABLE).setDescription("try elsewhere").build();
  }

  private List<Outcome.Kind> outcomes(int count) throws InterruptedException {
    List<Outcome.Kind> kinds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      kinds.add(observed.outcome().kind());
    }
    return kinds;
  }

  @Test
  void aRefusedConnectionLeadsToAnotherEndpoint() throws Exception {
    ExchangeServer dead = serve("dead");
    ExchangeServer live = serve("live");
    dead.kill();
    useInTurn(dead.endpoint().build(), live.endpoint().build());
    RecordedListener<Answer> listener = unary(ask(10));
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.transcript()).containsExactly("headers", "message", "close");
    assertThat(listener.message().getServer()).isEqualTo("live");
    assertThat(outcomes(2)).containsExactly(Outcome.Kind.SERVER_FAULT, Outcome.Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource(
      value = Treatment.class,
      names = {"REFUSE", "GO_AWAY", "HANG_UP"})
  void aStreamThatIsTurnedAwayLeadsToAnotherEndpoint(Treatment treatment) throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(treatment, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      RecordedListener<Answer> listener = unary(ask(10));
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.message().getServer()).isEqualTo("live");
      assertThat(live.service.calls).hasValue(1);
    }
  }

  @Test
  void aStreamThatIsResetIsAFaultAndLeadsToAnotherEndpoint() throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.RESET, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      RecordedListener<Answer> listener = unary(ask(10));
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.message().getServer()).isEqualTo("live");
      assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
    }
  }

  @Test
  void aStreamThatIsResetIsNotTriedAgainIfItMustNotBeSentTwice() throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.RESET, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      assertThat(unaryOnce(ask(10)).status().getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
      assertThat(live.service.calls).hasValue(0);
    }
  }

  @Test
  void allMessagesOfAStreamAreSentAgainInOrder() throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.HANG_UP, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());
      RecordedListener<Answer> listener = new RecordedListener<>();
      call.start(listener, new Metadata());
      call.request(2);
      for (int i = 0; i < 100; i++) {
        call.sendMessage(numbered(i, 100));
      }
      call.halfClose();
      assertThat(listener.status()).isEqualTo(Status.OK);
      Answer answer = listener.message();
      assertThat(answer.getReceived()).isEqualTo(10_000);
      assertThat(answer.getNumber()).isEqualTo(100);
      assertThat(live.service.calls).hasValue(1);
    }
  }

  private static Ask numbered(int number, int size) {
    return Ask.newBuilder()
        .setNumber(number)
        .setPayload(ByteString.copyFrom(new byte[size]))
        .build();
  }

  @Test
  void aServerThatSaysItIsUnavailableIsLeftForAnother() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    useInTurn(one.endpoint().build(), other.endpoint().build());
    RecordedListener<Answer> listener = unary(failing());
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(listener.status().getDescription()).isEqualTo("try elsewhere");
    assertThat(listener.transcript()).containsExactly("close");
    assertThat(one.service.calls.get() + other.service.calls.get()).isEqualTo(3);
    assertThat(one.service.calls).hasPositiveValue();
    assertThat(other.service.calls).hasPositiveValue();
    assertThat(outcomes(3)).containsOnly(Outcome.Kind.SERVER_FAULT);
  }

  @Test
  void whereAllFailTheStatusNamesTheStateOfEachEndpoint() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    useInTurn(one.endpoint().build(), other.endpoint().build());
    assertThat(unary(failing()).status().getCause())
        .isInstanceOf(AttemptsExhaustedException.class)
        .hasMessageContaining("one WARMING (")
        .hasMessageContaining("other WARMING (");
    one.kill();
    other.kill();
    assertThat(unary(ask(1)).status().getCause())
        .isInstanceOf(AttemptsExhaustedException.class)
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void theOnlyEndpointIsTriedAgain() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    assertThat(unary(failing()).status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(only.service.calls).hasValue(3);
  }

  @Test
  void aRequestThatMustNotBeSentTwiceIsNot() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    useInTurn(one.endpoint().build(), other.endpoint().build());
    assertThat(unaryOnce(failing()).status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(observed.refused()).isEqualTo(RetryRefused.Reason.UNSAFE);
    assertThat(one.service.calls.get() + other.service.calls.get()).isEqualTo(1);
  }

  @Test
  void aRequestThatMustNotBeSentTwiceIsSentWhereNothingWasSentBefore() throws Exception {
    ExchangeServer dead = serve("dead");
    ExchangeServer live = serve("live");
    dead.kill();
    useInTurn(dead.endpoint().build(), live.endpoint().build());
    assertThat(unaryOnce(ask(1)).status()).isEqualTo(Status.OK);
    assertThat(observed.retried().outcome().progress()).hasValue(Outcome.Progress.NOTHING_SENT);
  }

  @Test
  void aMessageLargerThanTheReplayBufferIsSentOnce() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    channels = channels().build();
    router = router(one.endpoint().build(), other.endpoint().build()).build();
    channel = routing().replayBufferBytes(1_000).build();
    RecordedListener<Answer> large =
        unary(failing().toBuilder().setPayload(ByteString.copyFrom(new byte[1_001])).build());
    assertThat(large.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(one.service.calls.get() + other.service.calls.get()).isEqualTo(1);
    assertThat(
            unary(ask(5).toBuilder().setPayload(ByteString.copyFrom(new byte[1 << 20])).build())
                .status())
        .isEqualTo(Status.OK);
  }

  @Test
  void nothingIsTriedAgainOnceSomethingWasDelivered() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    useInTurn(one.endpoint().build(), other.endpoint().build());
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener =
        send(call, failing().toBuilder().addSizes(1).addSizes(2).build());
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(listener.messages).hasSize(2);
    assertThat(one.service.calls.get() + other.service.calls.get()).isEqualTo(1);
  }

  @Test
  void aPushbackThatIsNegativeForbidsIt() throws Exception {
    ExchangeServer only = serve("only");
    only.trailers = pushback("-1");
    use(only.endpoint().build());
    assertThat(unary(failing()).status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(only.service.calls).hasValue(1);
  }

  @Test
  void aPushbackIsWaitedFor() throws Exception {
    ExchangeServer only = serve("only");
    only.trailers = pushback("7000");
    VirtualScheduler scheduler = new VirtualScheduler();
    channels = channels().build();
    router =
        router(only.endpoint().build())
            .ticker(scheduler::nanos)
            .scheduler(scheduler)
            .leaks(LeakPolicy.none())
            .retries(RetryPolicy.builder().maxAttempts(2).build())
            .build();
    channel = routing().build();
    RecordedListener<Answer> listener = unary(failing());
    Duration wait = observed.retried().backoff();
    assertThat(wait).isEqualTo(Duration.ofSeconds(7));
    Waiting.until(() -> scheduler.pending() == 1, "the retry to be scheduled");
    scheduler.advanceMillis(6_999);
    assertThat(only.service.calls).hasValue(1);
    assertThat(router.snapshot().inFlight()).isZero();
    only.trailers = new Metadata();
    scheduler.advanceMillis(1);
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(only.service.calls).hasValue(2);
  }

  private static Metadata pushback(String value) {
    Metadata trailers = new Metadata();
    trailers.put(Pushback.MILLIS, value);
    return trailers;
  }

  @Test
  void aCallThatWaitsForReadyGoesToAnEndpointThatIs() throws Exception {
    ExchangeServer dead = serve("dead");
    ExchangeServer live = serve("live");
    dead.kill();
    useInTurn(dead.endpoint().build(), live.endpoint().build());
    for (int i = 0; i < 4; i++) {
      ClientCall<Ask, Answer> call =
          channel.newCall(ExchangeGrpc.getUnaryMethod(), CallOptions.DEFAULT.withWaitForReady());
      RecordedListener<Answer> listener = send(call, ask(1));
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.message().getServer()).isEqualTo("live");
    }
  }

  @Test
  void aCallThatWaitsForReadyWaitsForTheOnlyEndpoint() throws Exception {
    ExchangeServer late = serve("late");
    late.kill();
    use(late.endpoint().build());
    RecordedListener<Answer> impatient = unary(ask(1));
    assertThat(impatient.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    ClientCall<Ask, Answer> call =
        channel.newCall(ExchangeGrpc.getUnaryMethod(), CallOptions.DEFAULT.withWaitForReady());
    RecordedListener<Answer> patient = send(call, ask(1));
    late.restart();
    assertThat(patient.status()).isEqualTo(Status.OK);
  }

  @Test
  void aStreamThatIsRefusedUnseenIsNoFailureAndAlwaysGoesElsewhere() throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.REFUSE, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      assertThat(unaryOnce(ask(10)).status()).isEqualTo(Status.OK);
      assertThat(outcomes(2)).containsExactly(Outcome.Kind.RATE_LIMITED, Outcome.Kind.SUCCESS);
    }
  }

  @Test
  void whoIsExhaustedIsLeftForAnotherAtOnce() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    useInTurn(one.endpoint().build(), other.endpoint().build());
    Ask exhausted = Ask.newBuilder().setCode(Status.Code.RESOURCE_EXHAUSTED.value()).build();
    RecordedListener<Answer> listener = unary(exhausted);
    assertThat(observed.retried().backoff()).isZero();
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(one.service.calls).hasPositiveValue();
    assertThat(other.service.calls).hasPositiveValue();
    assertThat(outcomes(3)).containsOnly(Outcome.Kind.RATE_LIMITED);
    assertThat(observed.refused()).isEqualTo(RetryRefused.Reason.ATTEMPTS);
  }

  @Test
  void whatTheBudgetDoesNotPayForIsNotTriedAgain() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    RetryPolicy penniless = RetryPolicy.builder().budgetRatio(0).minRetriesPerSecond(0).build();
    useInTurn(
        settings -> settings.retries(penniless), one.endpoint().build(), other.endpoint().build());
    assertThat(unary(failing()).status().getDescription()).isEqualTo("try elsewhere");
    assertThat(observed.refused()).isEqualTo(RetryRefused.Reason.BUDGET);
    assertThat(one.service.calls.get() + other.service.calls.get()).isEqualTo(1);
  }

  @Test
  void aCallThatWaitsForReadyDoesNotFailForLackOfAttempts() throws Exception {
    ExchangeServer dead = serve("dead");
    ExchangeServer late = serve("late");
    dead.kill();
    late.kill();
    useInTurn(
        settings -> settings.retries(RetryPolicy.none()),
        dead.endpoint().build(),
        late.endpoint().build());
    ClientCall<Ask, Answer> call =
        channel.newCall(ExchangeGrpc.getUnaryMethod(), CallOptions.DEFAULT.withWaitForReady());
    RecordedListener<Answer> listener = send(call, ask(1));
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
    late.restart();
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.message().getServer()).isEqualTo("late");
  }

  @Test
  void nothingIsLostOfACallThatIsSettledWhenItsHeadersAreOut() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    ClientCall<Ask, Answer> call = channel.newCall(ExchangeGrpc.getUploadMethod(), once());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(2);
    call.sendMessage(numbered(0, 100));
    Waiting.take(only.service.asked, "the first message");
    for (int i = 1; i < 10; i++) {
      call.sendMessage(numbered(i, 100));
    }
    call.halfClose();
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.message().getNumber()).isEqualTo(10);
  }

  @Test
  void aStreamOfWhichNothingIsKeptIsNotSentInPart() throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.REFUSE, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      ClientCall<Ask, Answer> call = channel.newCall(ExchangeGrpc.getUploadMethod(), once());
      RecordedListener<Answer> listener = new RecordedListener<>();
      call.start(listener, new Metadata());
      call.request(2);
      call.sendMessage(numbered(0, 100));
      Waiting.take(raw.streams, "the headers");
      call.sendMessage(numbered(1, 100));
      call.halfClose();
      assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.RATE_LIMITED);
      assertThat(observed.refused()).isEqualTo(RetryRefused.Reason.UNSAFE);
      assertThat(live.service.calls).hasValue(0);
    }
  }
}
