package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.RawHttp2Server.Answering;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The first endpoint has read the request, and its answer goes wrong. As long as nothing of it was
 * delivered, a call that may be sent twice is answered by the second, if another endpoint may do
 * better; what has been delivered is the caller's, with the failure behind it.
 */
class AnswerFaultTest extends RoutedTest {
  private static final byte[] MESSAGE =
      Answer.newBuilder().setServer("first").build().toByteArray();
  private static final int UNAVAILABLE = 14;

  private final CountDownLatch received = new CountDownLatch(1);
  private final AtomicInteger answered = new AtomicInteger();
  private ExchangeServer second;
  private RawHttp2Server first;

  private void answers(Answering answering) throws Exception {
    second = serve("second");
    first =
        new RawHttp2Server(
            exchange -> {
              answered.incrementAndGet();
              answering.answer(exchange);
            });
    useInTurn(first.endpoint("first").build(), second.endpoint().build());
  }

  @AfterEach
  void closeTheFirst() throws Exception {
    received.countDown();
    first.close();
  }

  /** The connection ends before anything of an answer. */
  enum Lost implements Answering {
    RESET,
    HALF_CLOSED,
    NO_HTTP_2;

    @Override
    public void answer(RawHttp2Server.Exchange exchange) throws IOException {
      switch (this) {
        case RESET -> exchange.reset();
        case HALF_CLOSED -> exchange.halfClose();
        case NO_HTTP_2 -> exchange.bytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionThatEndsBeforeTheAnswer(Lost how) throws Exception {
    answers(how);

    isAnsweredByTheSecond();
  }

  @ParameterizedTest
  @EnumSource
  void whatMustNotBeSentTwiceFailsWithTheConnection(Lost how) throws Exception {
    answers(how);

    assertThat(unaryOnce(ask(1)).status().isOk()).isFalse();
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(second.service.calls).hasValue(0);
    assertThat(answered).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 502, 503, 504})
  void aProxyThatSaysThatItIsUnavailable(int status) throws Exception {
    answers(exchange -> exchange.status(status));

    isAnsweredByTheSecond();
  }

  private void isAnsweredByTheSecond() throws Exception {
    RecordedListener<Answer> listener = unary(ask(1));
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.message().getServer()).isEqualTo("second");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    assertThat(answered).hasValue(1);
  }

  @Test
  void aBurstOfFailuresEjectsTheEndpointAndLosesNoCall() throws Exception {
    answers(exchange -> exchange.status(503));
    channel.shutdownNow();
    channels = channels().build();
    router =
        router(first.endpoint("first").build(), second.endpoint().build())
            .selector((request, of) -> of.isAvailable(0) ? 0 : 1)
            .executor(Runnable::run) // so that it is ejected before the next call
            .build();
    channel = routing().build();

    int calls = 0;
    while (observed.ejected.isEmpty() && calls < 20) {
      assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);
      calls++;
    }
    assertThat(observed.ejected).hasSize(1);
    assertThat(answered).hasValue(calls);

    assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);

    assertThat(answered).as("calls that came to the ejected one").hasValue(calls);
    assertThat(second.service.calls).hasValue(calls + 1);
  }

  /** Headers above the limit of the client, who gives up the stream or the connection. */
  @Test
  void headersWithoutEnd() throws Exception {
    answers(exchange -> exchange.headersWithoutEnd(1_000));

    Status status = unaryOnce(ask(1)).status();
    assertThat(status.isOk()).isFalse();
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(second.service.calls).hasValue(0);
  }

  private void fails() throws Exception {
    RecordedListener<Answer> listener = unary(ask(1));
    assertThat(listener.status().isOk()).isFalse();
    assertThat(listener.transcript()).endsWith("close").doesNotContain("message");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcomes).isEmpty();
    assertThat(second.service.calls).hasValue(0);
  }

  @Test
  void aMessageShorterThanDeclared() throws Exception {
    answers(
        exchange -> {
          exchange.headers();
          exchange.message(MESSAGE.length + 50, MESSAGE);
          exchange.trailers(0);
        });

    fails();
  }

  @Test
  void aMessageLongerThanDeclared() throws Exception {
    answers(
        exchange -> {
          exchange.headers();
          exchange.message(0, MESSAGE);
          exchange.trailers(0);
        });

    RecordedListener<Answer> listener = unary(ask(1));
    assertThat(listener.status().isOk()).isFalse();
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(second.service.calls).hasValue(0);
  }

  @Test
  void anAnswerWithoutAStatus() throws Exception {
    answers(
        exchange -> {
          exchange.headers();
          exchange.end();
        });

    fails();
  }

  @Test
  void aMessageThatIsNoneIsTheCallers() throws Exception {
    answers(
        exchange -> {
          exchange.headers();
          exchange.message(4, "nope".getBytes(StandardCharsets.US_ASCII));
          exchange.trailers(0);
        });

    RecordedListener<Answer> listener = unary(ask(1));
    assertThat(listener.status().isOk()).isFalse();
    assertThat(listener.transcript()).endsWith("close").doesNotContain("message");
    assertThat(second.service.calls).hasValue(0);
  }

  @Test
  void aSlowDripArrivesWholeAndIsNoFailure() throws Exception {
    answers(
        exchange -> {
          exchange.headers();
          exchange.data(new byte[] {0, 0, 0, 0});
          exchange.data(new byte[] {(byte) MESSAGE.length});
          for (byte b : MESSAGE) {
            exchange.data(new byte[] {b});
          }
          exchange.trailers(0);
        });

    RecordedListener<Answer> listener = unary(ask(1));
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.message().getServer()).isEqualTo("first");
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    assertThat(second.service.calls).hasValue(0);
  }

  /** What ends a stream of which the caller has a message. */
  enum Broken {
    RESET,
    HALF_CLOSED,
    CUT_WITHIN_A_MESSAGE,
    WITHOUT_A_STATUS,
    UNAVAILABLE
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatBreaksOffIsTheCallers(Broken how) throws Exception {
    answers(
        exchange -> {
          exchange.headers();
          exchange.message(MESSAGE.length, MESSAGE);
          awaitReceived();
          switch (how) {
            case RESET -> exchange.reset();
            case HALF_CLOSED -> exchange.halfClose();
            case CUT_WITHIN_A_MESSAGE -> {
              exchange.message(MESSAGE.length + 1, MESSAGE);
              exchange.trailers(0);
            }
            case WITHOUT_A_STATUS -> exchange.end();
            case UNAVAILABLE -> exchange.trailers(UNAVAILABLE);
          }
        });

    RecordedListener<Answer> listener = download(CallOptions.DEFAULT);
    assertThat(listener.message().getServer()).isEqualTo("first");
    received.countDown();

    assertThat(listener.status().isOk()).isFalse();
    assertThat(listener.transcript()).containsExactly("headers", "message", "close");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcomes).isEmpty();
    assertThat(second.service.calls).hasValue(0);
  }

  @Test
  void aStreamThatStallsEndsAtTheDeadlineWithWhatHasArrived() throws Exception {
    answers(
        exchange -> {
          exchange.headers();
          exchange.message(MESSAGE.length, MESSAGE);
        });

    RecordedListener<Answer> listener =
        download(CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS));
    assertThat(listener.message().getServer()).isEqualTo("first");

    assertThat(listener.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(observed.outcome()).isEqualTo(Outcome.timeout());
    assertThat(second.service.calls).hasValue(0);
  }

  private RecordedListener<Answer> download(CallOptions options) {
    ClientCall<Ask, Answer> call =
        channel.newCall(
            ExchangeGrpc.getDownloadMethod(),
            options.withOption(
                RoutingChannel.INFERENCE_REQUEST,
                InferenceRequest.forAnyModel().replayable(true).streaming(true).build()));
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(10);
    call.sendMessage(ask(1));
    call.halfClose();
    return listener;
  }

  private void awaitReceived() {
    try {
      Waiting.await(received, "the caller to have the first message");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // and so it goes on
    }
  }
}
