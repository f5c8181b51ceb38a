package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.okhttp.fault.Fault;
import io.inferencerouter.okhttp.fault.Link;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;
import okio.BufferedSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The first endpoint begins to answer, and then fails. What has arrived is the caller's, with a
 * failure that says so; nothing of it is sent again. Only an answer of which nothing but the
 * headers has arrived is given by the second.
 */
class BodyFaultTest extends FaultTest {
  BodyFaultTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  private void answers(Fault body) {
    faulty.inject(
        link -> {
          link.awaitRequest();
          body.befall(link);
        });
  }

  /** The first endpoint sends this, and keeps the connection open. */
  private void answersAndHolds(String text) {
    answers(
        link -> {
          link.send(text);
          link.hold();
        });
  }

  /** The first endpoint sends this, and resets the connection when the test lets it. */
  private void answersAndResets(String text) {
    answers(
        link -> {
          link.send(text);
          awaitRelease();
          link.reset();
        });
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  /** Reads what is said to arrive, lets the endpoint go on, and reads to the end, which fails. */
  private void failsAfter(
      String arrived, Response response, Class<? extends IOException> failure, Outcome.Kind kind)
      throws Exception {
    try (response) {
      BufferedSource source = response.body().source();
      assertThat(source.readUtf8(arrived.length())).isEqualTo(arrived);
      release.countDown();
      if (kind == Outcome.Kind.TIMEOUT) {
        source.timeout().timeout(SHORT.toMillis(), TimeUnit.MILLISECONDS);
      }
      assertThatThrownBy(source::readUtf8).isInstanceOf(failure);
    }
    assertThat(outcome()).isEqualTo(kind);
    assertThat(observed.outcomes).isEmpty();
    assertThat(faulty.requests()).isEqualTo(1);
    assertThat(second.requests()).isZero();
  }

  private Response answer(Way way, boolean stream) throws Exception {
    return way.answer(call(way, stream ? streamed() : chat()));
  }

  @ParameterizedTest
  @EnumSource
  void aResetWithinTheBody(Way way) throws Exception {
    answersAndResets(JSON_HEAD + "Content-Length: 100\r\n\r\n{\"a\":");

    failsAfter("{\"a\":", answer(way, false), IOException.class, Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerOfARealServerThatIsCutOnItsWay(Way way) throws Exception {
    String text = "\"" + "x".repeat(100_000) + "\"";
    server.script(exchange -> exchange.respond(200, "application/json", text));
    faulty.inject(
        link -> {
          link.pass(10_000);
          awaitRelease();
        });

    try (Response response = answer(way, false)) {
      assertThat(response.body().source().readUtf8(5_000)).isEqualTo(text.substring(0, 5_000));
      release.countDown();
      assertThatThrownBy(() -> response.body().string()).isInstanceOf(ProtocolException.class);
    }
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aBodyShorterThanDeclared(Way way) throws Exception {
    answers(link -> link.send(JSON_HEAD + "Content-Length: 100\r\n\r\n{\"a\":"));

    failsAfter("{\"a\":", answer(way, false), ProtocolException.class, Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aBodyLongerThanDeclaredEndsAsDeclaredAndHarmsNoOtherCall(Way way) throws Exception {
    faulty.inject(
        link -> {
          for (int i = 0; i < 10; i++) {
            link.awaitRequest();
            link.send(JSON_HEAD + "Content-Length: 2\r\n\r\n{}and more\r\n\r\n");
          }
        });

    for (int i = 0; i < 5; i++) {
      assertThat(text(way, chat())).isIn("200 {}", "200 \"second\"");
    }
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource
  void aBodyThatIsNotTheJsonItIsSaidToBeIsPassedOnAsItIs(Way way) throws Exception {
    String broken = "{\"usage\":{\"prompt_tokens\":nine,]";
    answersAndHolds(JSON_HEAD + "Content-Length: " + broken.length() + "\r\n\r\n" + broken);

    assertThat(text(way, chat())).isEqualTo("200 " + broken);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource
  void chunksThatAreNone(Way way) throws Exception {
    answers(
        link ->
            link.send(
                JSON_HEAD + "Transfer-Encoding: chunked\r\n\r\n" + chunk("{\"a\":") + "none\r\n"));

    failsAfter("{\"a\":", answer(way, false), ProtocolException.class, Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aBodyThatStalls(Way way) throws Exception {
    answersAndHolds(JSON_HEAD + "Content-Length: 100\r\n\r\n{\"a\":");

    failsAfter("{\"a\":", answer(way, false), SocketTimeoutException.class, Outcome.Kind.TIMEOUT);
  }

  @ParameterizedTest
  @EnumSource
  void aSlowDripArrivesWholeAndIsNoFailure(Way way) throws Exception {
    Semaphore drops = new Semaphore(1);
    String text = "{\"a\":\"" + "x".repeat(50) + "\"}";
    answers(
        link -> {
          link.send(JSON_HEAD + "Content-Length: " + text.length() + "\r\n\r\n");
          for (int i = 0; i < text.length(); i++) {
            if (!drops.tryAcquire(30, TimeUnit.SECONDS)) {
              throw new AssertionError("nobody reads on");
            }
            link.send(text.substring(i, i + 1));
          }
          link.hold();
        });

    StringBuilder arrived = new StringBuilder();
    try (Response response = answer(way, false)) {
      for (int i = 0; i < text.length(); i++) {
        arrived.append((char) response.body().source().readByte());
        drops.release();
      }
      assertThat(response.body().source().exhausted()).isTrue();
    }
    assertThat(arrived).hasToString(text);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerThatIsResetBeforeItsFirstByteIsGivenByTheSecond(Way way) throws Exception {
    answers(
        link -> {
          link.send(JSON_HEAD + "Content-Length: 100\r\n\r\n");
          link.reset();
        });

    isAnsweredByTheSecond(way, chat(), Outcome.Kind.SERVER_FAULT);
    awaitOneRequestToTheFirst();
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerThatStallsBeforeItsFirstByteIsGivenByTheSecond(Way way) throws Exception {
    losesPatienceReading();
    answers(
        link -> {
          link.send(JSON_HEAD + "Content-Length: 100\r\n\r\n");
          link.hold();
        });

    isAnsweredByTheSecond(way, chat(), Outcome.Kind.TIMEOUT);
    awaitOneRequestToTheFirst();
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerToWhatCanBeSentOnlyOnceFailsAfterItsHeaders(Way way) throws Exception {
    answers(
        link -> {
          link.send(JSON_HEAD + "Content-Length: 100\r\n\r\n");
          awaitRelease();
          link.reset();
        });

    failsAfter("", way.answer(call(way, oneShot())), IOException.class, Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatNobodyHasAskedForIsThereBeforeItsFirstByte(Way way) throws Exception {
    answers(
        link -> {
          link.send(STREAM_HEAD);
          awaitRelease();
          link.send(chunk(EVENT) + "0\r\n\r\n");
          link.hold();
        });

    try (Response response = answer(way, false)) {
      release.countDown();
      assertThat(response.body().string()).isEqualTo(EVENT);
    }
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsResetBeforeItsFirstByteIsAnsweredByTheSecond(Way way) throws Exception {
    answers(
        link -> {
          link.send(STREAM_HEAD);
          link.reset();
        });

    isStreamedByTheSecond(way, Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatStallsBeforeItsFirstByteIsAnsweredByTheSecond(Way way) throws Exception {
    losesPatienceReading();
    answersAndHolds(STREAM_HEAD);

    isStreamedByTheSecond(way, Outcome.Kind.TIMEOUT);
  }

  private void isStreamedByTheSecond(Way way, Outcome.Kind first) throws Exception {
    assertThat(text(way, streamed())).contains(": second\n").endsWith(DONE);
    assertThat(outcome()).isEqualTo(first);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
    awaitOneRequestToTheFirst();
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsReset(Way way) throws Exception {
    answersAndResets(STREAM_HEAD + chunk(EVENT));

    failsAfter(EVENT, answer(way, true), BrokenStreamException.class, Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatBreaksOffSaysHowMuchOfItHasArrived(Way way) throws Exception {
    String piece = "data: {\"choices\":[{\"del";
    answers(
        link -> {
          link.send(STREAM_HEAD + chunk(EVENT + EVENT) + chunk(piece));
          awaitRelease();
          link.reset();
        });

    String arrived = EVENT + EVENT + piece;
    try (Response response = answer(way, true)) {
      BufferedSource source = response.body().source();
      assertThat(source.readUtf8(arrived.length())).isEqualTo(arrived);
      release.countDown();
      assertThatThrownBy(source::readUtf8)
          .isInstanceOfSatisfying(
              BrokenStreamException.class,
              broken -> {
                assertThat(broken)
                    .hasMessageStartingWith(
                        "stream of endpoint 1: broken off after "
                            + arrived.length()
                            + " byte(s), 2 event(s) (expected: its last event; ")
                    .cause()
                    .isInstanceOf(IOException.class);
                assertThat(broken.received().bytes()).isEqualTo(arrived.length());
                assertThat(broken.received().events()).isEqualTo(2);
                assertThat(broken.received().data()).isEmpty();
                assertThat(broken.received().isDataComplete()).isFalse();
              });
    }
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatStalls(Way way) throws Exception {
    answersAndHolds(STREAM_HEAD + chunk(EVENT));

    failsAfter(EVENT, answer(way, true), BrokenStreamException.class, Outcome.Kind.TIMEOUT);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsCutWithinItsFraming(Way way) throws Exception {
    answers(link -> link.send(STREAM_HEAD + chunk(EVENT)));

    failsAfter(EVENT, answer(way, true), BrokenStreamException.class, Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsCutWithinAnEvent(Way way) throws Exception {
    String piece = "data: {\"choices\":[{\"del";
    answers(link -> link.send(STREAM_HEAD + chunk(EVENT) + "40\r\n" + piece));

    failsAfter(
        EVENT + piece, answer(way, true), BrokenStreamException.class, Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatEndsWithoutItsLastEventIsAFaultThoughTheConnectionHadNone(Way way)
      throws Exception {
    answersAndHolds(STREAM_HEAD + chunk(EVENT) + "0\r\n\r\n");

    assertThat(text(way, streamed())).isEqualTo("200 " + EVENT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aStreamWithoutFramingThatEndsTooSoonIsAFault(Way way) throws Exception {
    answers(
        link -> link.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + EVENT));

    assertThat(text(way, streamed())).isEqualTo("200 " + EVENT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void anEventThatIsNotTheJsonItShouldBeIsPassedOnAsItIs(Way way) throws Exception {
    String events = "data: {\"choices\":[nope\n\n" + DONE;
    answersAndHolds(STREAM_HEAD + chunk(events) + "0\r\n\r\n");

    assertThat(text(way, streamed())).isEqualTo("200 " + events);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource
  void anEndpointThatStaysOpenAfterTheLastEventHoldsNobodyUp(Way way) throws Exception {
    answersAndHolds(STREAM_HEAD + chunk(EVENT + DONE));

    try (Response response = answer(way, true)) {
      assertThat(response.body().source().readUtf8((EVENT + DONE).length())).endsWith(DONE);
      assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everythingPassesWhereThereIsNoFault(Way way) throws Exception {
    faulty.inject(Link::pass);

    assertThat(text(way, chat())).isEqualTo("200 \"first\"");
    assertThat(text(way, streamed())).contains(": first\n").endsWith(DONE);
    assertThat(faulty.connections()).isEqualTo(1);
  }
}
