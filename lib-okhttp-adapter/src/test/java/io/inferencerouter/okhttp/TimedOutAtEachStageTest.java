package io.inferencerouter.okhttp;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.FullBacklog;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.okhttp.fault.Fault;
import io.inferencerouter.okhttp.fault.Link;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.EventListener;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A time-out of the whole call ends it wherever it is, for there is no time left for another
 * attempt. One of writing ends the attempt, as those of connecting and reading do, which come with
 * the faults.
 */
class TimedOutAtEachStageTest extends FaultTest {
  private static final int LARGE = 20_000_000;

  /** Usually long enough to come to the stage; what is asserted holds for any other, too. */
  private static final Duration WHOLE_CALL = Duration.ofMillis(200);

  /** How far an attempt comes. */
  enum Stage implements Fault {
    HANDSHAKE(""),
    HEADERS(""),
    WITHIN_HEADERS("HTTP/1.1 200 OK\r\nContent-Ty"),
    FIRST_BYTE(STREAM_HEAD),
    BODY(JSON_HEAD + "Content-Length: 100\r\n\r\n{\"a\":");

    private final String sent;

    Stage(String sent) {
      this.sent = sent;
    }

    @Override
    public void befall(Link link) throws IOException {
      if (this != HANDSHAKE) {
        link.awaitRequest();
        link.send(sent);
      }
      link.hold();
    }
  }

  TimedOutAtEachStageTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  static List<Arguments> everyWayAndStage() {
    List<Arguments> all = new ArrayList<>();
    for (Way way : Way.values()) {
      for (Stage stage : Stage.values()) {
        all.add(Arguments.of(way, stage));
      }
    }
    return all;
  }

  private Request requestFor(Stage stage) {
    return stage == Stage.FIRST_BYTE ? streamed() : chat();
  }

  @ParameterizedTest
  @MethodSource("everyWayAndStage")
  void aCallThatHasTakenTooLongEnds(Way way, Stage stage) throws Exception {
    faulty.inject(stage);
    route(
        client().callTimeout(WHOLE_CALL).build(),
        stage == Stage.HANDSHAKE ? "https://localhost:" + faulty.port() : faulty.uri());

    endsWithTheCall(way, requestFor(stage));
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatHasTakenTooLongToLookUpANameEnds(Way way) throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    EventListener listener =
        new EventListener() {
          @Override
          public void canceled(Call call) {
            over.countDown();
          }
        };
    Dns slow =
        host -> {
          try {
            Waiting.await(over, "the time of the call to be over");
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // and so it is
          }
          return Dns.SYSTEM.lookup("localhost");
        };
    route(
        client().callTimeout(WHOLE_CALL).eventListener(listener).dns(slow).build(),
        "http://inference.invalid:" + faulty.port());

    endsWithTheCall(way, chat());
    assertThat(faulty.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatHasTakenTooLongToConnectEnds(Way way) throws Exception {
    try (FullBacklog blackhole = new FullBacklog()) {
      route(client().callTimeout(WHOLE_CALL).build(), blackhole.uri());

      endsWithTheCall(way, chat());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatHasTakenTooLongToSendEnds(Way way) throws Exception {
    route(client().callTimeout(WHOLE_CALL).build());
    doesNotReadTheBody();

    endsWithTheCall(way, large());
  }

  private void endsWithTheCall(Way way, Request request) throws Exception {
    assertThatThrownBy(
            () -> {
              try (Response response = way.answer(call(way, request, replayable()))) {
                String unused = response.body().string();
              }
            })
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
    assertThat(outcome()).isEqualTo(Outcome.Kind.TIMEOUT);
    assertThat(observed.outcomes).isEmpty();
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aWriteThatTakesTooLongEndsTheAttempt(Way way) throws Exception {
    losesPatience(chain -> chain.withWriteTimeout((int) SHORT.toMillis(), MILLISECONDS));
    doesNotReadTheBody();
    second.script(exchange -> exchange.respond(200, "text/plain", "" + exchange.body.length));

    try (Response response = way.answer(call(way, large(), replayable()))) {
      assertThat(response.body().string()).isEqualTo("" + LARGE);
    }
    assertThat(outcome()).isEqualTo(Outcome.Kind.TIMEOUT);
  }

  private void doesNotReadTheBody() {
    faulty.inject(
        link -> {
          link.awaitHead();
          awaitRelease();
        });
  }

  private Request large() {
    return request().post(RequestBody.create(new byte[LARGE], JSON)).build();
  }
}
