package io.inferencerouter.okhttp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.okhttp.fault.Fault;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that break off at the first endpoint, and go on at the second if their user says how. */
class ContinuedStreamTest extends FaultTest {
  private static final String DATA = "{\"choices\":[{\"delta\":{\"content\":\"x\"}}]}";
  private static final String REST = "data: {\"choices\":[{\"delta\":{\"content\":\"rest\"}}]}\n\n";
  private static final String PIECE = "data: {\"choices\":[{\"del";

  private final BlockingQueue<PartialAnswer> asked = new LinkedBlockingQueue<>();

  ContinuedStreamTest() throws Exception {
    super(Wire.HTTP_1_1);
    second.script(exchange -> exchange.respond(200, "text/event-stream", REST + DONE));
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  private void answers(Fault answer) {
    faulty.inject(
        link -> {
          link.awaitRequest();
          answer.befall(link);
        });
  }

  private void breaksOffAfter(String text) {
    answers(
        link -> {
          link.send(STREAM_HEAD + chunk(text));
          awaitRelease();
          link.reset();
        });
  }

  private Optional<Request> rest(Request request, PartialAnswer received) {
    asked.add(received);
    String said = String.join("+", received.data());
    return Optional.of(request.newBuilder().post(RequestBody.create(said, JSON)).build());
  }

  private Call continued(StreamContinuation continuation) {
    OkHttpClient patient = client.newBuilder().addInterceptor(this::sendPatiently).build();
    return RoutingCallFactory.builder(router, patient)
        .continuation(continuation)
        .build()
        .newCall(streamed());
  }

  /** Reads a stream of which the beginning arrives before the endpoint goes on to fail. */
  private String read(Response response, String beginning) throws IOException {
    try (response) {
      String first = response.body().source().readUtf8(beginning.length());
      release.countDown();
      return first + response.body().string();
    }
  }

  private Throwable failure(Response response, String beginning) throws IOException {
    try (response) {
      assertThat(response.body().source().readUtf8(beginning.length())).isEqualTo(beginning);
      release.countDown();
      return catchThrowable(() -> response.body().string());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EXECUTED", "ENQUEUED"})
  void whatIsMissingFollowsInTheSameBody(Way way) throws Exception {
    breaksOffAfter(EVENT + EVENT + PIECE);

    Response response = way.answer(continued(this::rest));

    assertThat(read(response, EVENT + EVENT)).isEqualTo(EVENT + EVENT + REST + DONE);
    PartialAnswer received = Waiting.take(asked, "the question how to go on");
    assertThat(received.data()).containsExactly(DATA, DATA);
    assertThat(received.isDataComplete()).isTrue();
    assertThat(received.events()).isEqualTo(2);
    assertThat(received.bytes()).isEqualTo(2L * EVENT.length());
    assertThat(new String(second.take().body, UTF_8)).isEqualTo(DATA + "+" + DATA);
    assertThat(asked).isEmpty();
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(observed.outcomes).isEmpty();
    assertThat(faulty.requests()).isEqualTo(1);
  }

  @Test
  void aStreamThatStallsGoesOn() throws Exception {
    losesPatienceReading();
    answers(
        link -> {
          link.send(STREAM_HEAD + chunk(EVENT));
          link.hold();
        });

    assertThat(read(continued(this::rest).execute(), EVENT)).isEqualTo(EVENT + REST + DONE);
    assertThat(outcome()).isEqualTo(Outcome.Kind.TIMEOUT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @Test
  void aStreamThatEndsWithoutItsLastEventGoesOn() throws Exception {
    answers(link -> link.send(STREAM_HEAD + chunk(EVENT) + "0\r\n\r\n"));

    assertThat(read(continued(this::rest).execute(), EVENT)).isEqualTo(EVENT + REST + DONE);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @Test
  void aStreamThatIsWholePassesAsItIs() throws Exception {
    String text = EVENT + ": ping\r\n\r\n" + DONE + "\n: more";
    answers(
        link -> {
          link.send(STREAM_HEAD + chunk(text) + "0\r\n\r\n");
          link.hold();
        });

    assertThat(read(continued(this::rest).execute(), EVENT)).isEqualTo(text);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(asked).isEmpty();
  }

  @Test
  void aStreamThatStatesAnErrorHasEnded() throws Exception {
    String text = EVENT + "data: {\"error\":{\"message\":\"overheated\"}}\n\n";
    answers(link -> link.send(STREAM_HEAD + chunk(text) + "0\r\n\r\n"));

    assertThat(read(continued(this::rest).execute(), EVENT)).isEqualTo(text);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(asked).isEmpty();
  }

  @Test
  void anAnswerThatIsNoStreamIsNotAskedFor() throws Exception {
    answers(
        link -> {
          link.send(JSON_HEAD + "Content-Length: 100\r\n\r\n{\"a\":");
          awaitRelease();
          link.reset();
        });

    assertThat(failure(continued(this::rest).execute(), "{\"a\":"))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(BrokenStreamException.class);
    assertThat(asked).isEmpty();
  }

  @Test
  void whereTheUserSaysNothingTheCallFailsWithAllThatHasArrived() throws Exception {
    breaksOffAfter(EVENT + PIECE);
    Response response = continued((request, received) -> Optional.empty()).execute();

    try (response) {
      assertThat(response.body().source().readUtf8(EVENT.length())).isEqualTo(EVENT);
      release.countDown();
      assertThat(response.body().source().readUtf8(PIECE.length())).isEqualTo(PIECE);
      assertThatThrownBy(() -> response.body().string())
          .isInstanceOfSatisfying(
              BrokenStreamException.class,
              broken -> {
                assertThat(broken.received().data()).containsExactly(DATA);
                assertThat(broken.received().bytes()).isEqualTo(EVENT.length() + PIECE.length());
                assertThat(broken.getSuppressed()).isEmpty();
              });
    }
    assertThat(second.requests()).isZero();
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
  }

  @Test
  @SuppressWarnings("NullAway") // what user code may do
  void whereTheUserReturnsNullTheCallFails() throws Exception {
    breaksOffAfter(EVENT);

    assertThat(failure(continued((request, received) -> null).execute(), EVENT))
        .isInstanceOf(BrokenStreamException.class);
  }

  @Test
  void whatTheUserThrowsIsSuppressedInTheFailure() throws Exception {
    breaksOffAfter(EVENT);
    RuntimeException thrown = new IllegalStateException("cannot go on");
    StreamContinuation throwing =
        (request, received) -> {
          throw thrown;
        };

    assertThat(failure(continued(throwing).execute(), EVENT))
        .isInstanceOf(BrokenStreamException.class)
        .hasSuppressedException(thrown);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
  }

  @Test
  void aRestThatBreaksOffIsContinuedWithinTheAttemptsOfOneRequest() throws Exception {
    breaksOffAfter(EVENT + PIECE);
    second.script(
        exchange -> {
          Exchange.send(exchange.begin(200, "text/event-stream"), REST + PIECE);
          exchange.cut();
        });

    Throwable failure = failure(continued(this::rest).execute(), EVENT);

    assertThat(failure)
        .isInstanceOfSatisfying(
            BrokenStreamException.class,
            broken -> assertThat(broken.received().events()).isEqualTo(3));
    assertThat(failure.getSuppressed()).hasSize(1);
    assertThat(failure.getSuppressed()[0]).hasMessageStartingWith("continuation: no other attempt");
    assertThat(asked).extracting(PartialAnswer::events).containsExactly(1L, 2L, 3L);
    assertThat(faulty.requests() + second.requests()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    }
    assertThat(observed.outcomes).isEmpty();
  }

  @Test
  void aRestThatIsRefusedIsNone() throws Exception {
    breaksOffAfter(EVENT);
    second.script(exchange -> exchange.respond(400, "application/json", "{}"));

    Throwable failure = failure(continued(this::rest).execute(), EVENT);

    assertThat(failure).isInstanceOf(BrokenStreamException.class);
    assertThat(failure.getSuppressed()[0])
        .hasMessageStartingWith("continuation: answered with status 400");
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.REJECTED);
  }

  @Test
  void withoutRetriesThereIsNoRest() throws Exception {
    use(
        InferenceRouters.builder()
            .endpoint(Endpoint.builder("1", faulty.uri()).build())
            .endpoint(Endpoint.builder("2", second.uri()).build())
            .selector(new FirstById())
            .retries(RetryPolicy.none())
            .listener(observed)
            .build(),
        client().build());
    breaksOffAfter(EVENT);

    assertThat(failure(continued(this::rest).execute(), EVENT))
        .isInstanceOf(BrokenStreamException.class);
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoCancelsWhileItGoesOnIsToldSo(boolean closes) throws Exception {
    answers(link -> link.send(STREAM_HEAD + chunk(EVENT)));
    second.script(exchange -> awaitRelease());
    Call call = continued(this::rest);
    Response response = call.execute();
    Future<Throwable> failing =
        threads.submit(() -> catchThrowable(() -> response.body().source().readUtf8()));
    second.take();

    if (closes) {
      response.body().source().close();
    } else {
      call.cancel();
    }

    Throwable failure = failing.get(30, TimeUnit.SECONDS);
    if (!closes) {
      assertThat(failure)
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(BrokenStreamException.class);
    }
    response.close();
    assertThat(call.isCanceled()).isTrue();
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.CANCELLED);
  }

  @Test
  void theTimeOfTheCallIsThatOfAllItsParts() throws Exception {
    route(client().callTimeout(Duration.ofMillis(1500)).build());
    answers(link -> link.send(STREAM_HEAD + chunk(EVENT)));
    second.script(exchange -> awaitRelease());

    Response response = continued(this::rest).execute();

    assertThat(catchThrowable(() -> response.body().string()))
        .isInstanceOf(InterruptedIOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.TIMEOUT);
  }

  @Test
  void aCallThatIsCancelledIsNotContinued() throws Exception {
    answers(
        link -> {
          link.send(STREAM_HEAD + chunk(EVENT));
          link.hold();
        });
    Call call = continued(this::rest);
    try (Response response = call.execute()) {
      assertThat(response.body().source().readUtf8(EVENT.length())).isEqualTo(EVENT);
      call.cancel();
      assertThatThrownBy(() -> response.body().string())
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(BrokenStreamException.class);
    }
    assertThat(asked).isEmpty();
    assertThat(outcome()).isEqualTo(Outcome.Kind.CANCELLED);
  }

  @Test
  void whatIsPassedOnEndsWithAWholeEventWhereverTheStreamBreaks() throws Exception {
    for (String piece : List.of("d", "data: x\n", "event: y\ndata: z", ": ping\n")) {
      answers(link -> link.send(STREAM_HEAD + chunk(EVENT + piece)));
      try (Response response = continued(this::rest).execute()) {
        assertThat(response.body().string())
            .as("broken within %s", piece)
            .isEqualTo(EVENT + REST + DONE);
      }
    }
  }
}
