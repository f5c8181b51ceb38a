package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Outcome;
import io.inferencerouter.Outcome.Progress;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.RawHttp2Server.Treatment;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import org.junit.jupiter.api.Test;

/** Calls that are cancelled, but not by their callers. */
class CancelledByServerTest extends RoutedTest {
  @Test
  void aServerThatIsShutDownAtOnceIsLeftForAnother() throws Exception {
    ExchangeServer dying = serve("dying");
    ExchangeServer live = serve("live");
    useInTurn(dying.endpoint().build(), live.endpoint().build());
    RecordedListener<Answer> listener = unary(hang());
    Waiting.take(dying.service.asked, "the request");
    dying.kill();
    Waiting.take(live.service.asked, "the request, elsewhere");
    live.service.answerHanging();
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.transcript()).containsExactly("headers", "message", "close");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(observed.retried().outcome().progress()).hasValue(Progress.SENT);
    assertThat(router.snapshot().endpoint("dying").orElseThrow().errorLevel()).isPositive();
  }

  @Test
  void aStreamThatHasBegunFailsWithTheServerAndIsNotRepeated() throws Exception {
    ExchangeServer dying = serve("dying");
    ExchangeServer live = serve("live");
    useInTurn(dying.endpoint().build(), live.endpoint().build());
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = send(call, ask(7).toBuilder().setHang(true).build());
    assertThat(listener.message().getServer()).isEqualTo("dying");
    dying.kill();
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(live.service.calls).hasValue(0);
    assertThat(router.snapshot().endpoint("dying").orElseThrow().errorLevel()).isPositive();
  }

  @Test
  void aStreamThatIsResetAsCancelledIsLeftForAnother() throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.CANCEL, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      RecordedListener<Answer> listener = unary(ask(10));
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.message().getServer()).isEqualTo("live");
      assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
      assertThat(observed.retried().outcome().progress()).hasValue(Progress.SENT);
    }
  }

  @Test
  void oneThatMustNotBeSentTwiceEndsAsUnavailable() throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.CANCEL, 100)) {
      useInTurn(raw.endpoint("raw").build(), live.endpoint().build());
      Status status = unaryOnce(ask(10)).status();
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(status.getDescription()).contains("CANCEL");
      assertThat(observed.refused()).isEqualTo(RetryRefused.Reason.UNSAFE);
      assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
      assertThat(live.service.calls).hasValue(0);
    }
  }

  @Test
  void aServerThatAnswersThatItHasCancelledIsTriedElsewhereAndItsStatusIsPassedOn()
      throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    useInTurn(one.endpoint().build(), other.endpoint().build());
    RecordedListener<Answer> listener =
        unary(
            Ask.newBuilder()
                .setCode(Status.Code.CANCELLED.value())
                .setDescription("going down")
                .build());
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(listener.status().getDescription()).isEqualTo("going down");
    assertThat(listener.transcript()).containsExactly("close");
    assertThat(one.service.calls).hasPositiveValue();
    assertThat(other.service.calls).hasPositiveValue();
    assertThat(observed.outcomes).extracting(Outcome::kind).containsOnly(Outcome.Kind.SERVER_FAULT);
  }

  @Test
  void whoCancelsHisContextIsNotTriedAgainAndBlamesNobody() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    useInTurn(one.endpoint().build(), other.endpoint().build());
    Context.CancellableContext context = Context.current().withCancellation();
    ClientCall<Ask, Answer> call = context.call(() -> call(channel, ExchangeGrpc.getUnaryMethod()));
    RecordedListener<Answer> listener = send(call, hang());
    Waiting.take(one.service.asked, "the request");
    context.cancel(null);
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(other.service.calls).hasValue(0);
  }

  @Test
  void aListenerThatThrowsBlamesNobody() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    useInTurn(one.endpoint().build(), other.endpoint().build());
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener =
        new RecordedListener<>() {
          @Override
          public void onHeaders(Metadata received) {
            throw new IllegalStateException("a defect of the caller");
          }
        };
    call.start(listener, new Metadata());
    call.request(2);
    call.sendMessage(ask(1).toBuilder().setHang(true).build());
    call.halfClose();
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(other.service.calls).hasValue(0);
  }
}
