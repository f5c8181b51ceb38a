package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.okhttp.fault.Http2Link;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What can happen to a stream of HTTP/2 and to its connection, frame by frame. */
class Http2FaultTest extends FaultTest {
  private static final String TEXT = "application/json";
  private static final String STREAM = "text/event-stream";

  Http2FaultTest() throws Exception {
    super(Wire.HTTP_2);
  }

  /** Deals with a request. */
  interface Step {
    void take(Http2Link link, int stream) throws Exception;
  }

  private void answers(Step step) {
    faulty.inject(
        link -> {
          Http2Link http2 = new Http2Link(link);
          while (true) {
            step.take(http2, http2.awaitRequest());
          }
        });
  }

  /** One that must not be processed twice, and can be written twice. */
  private Request job() {
    return request().url("http://inference/v1/jobs").build();
  }

  @ParameterizedTest
  @EnumSource(names = "INTERCEPTED_ALONE", mode = EnumSource.Mode.EXCLUDE)
  void aRefusedStreamGoesElsewhereForNothingWasProcessed(Way way) throws Exception {
    answers((link, stream) -> link.reset(stream, Http2Link.REFUSED_STREAM));

    isAnsweredByTheSecond(way, job(), Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedStreamWhoseBodyCanBeWrittenOnlyOnceFails(Way way) throws Exception {
    answers((link, stream) -> link.reset(stream, Http2Link.REFUSED_STREAM));

    isSentAgainOnlyIf(false, way);
  }

  @ParameterizedTest
  @EnumSource(names = "INTERCEPTED_ALONE", mode = EnumSource.Mode.EXCLUDE)
  void aStreamThatIsRefusedBeforeItsBodyIsReadGoesElsewhere(Way way) throws Exception {
    faulty.inject(
        link -> {
          Http2Link http2 = new Http2Link(link);
          while (true) {
            http2.reset(http2.awaitHead(), Http2Link.REFUSED_STREAM);
          }
        });

    isAnsweredByTheSecond(way, job(), Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource(names = "INTERCEPTED_ALONE", mode = EnumSource.Mode.EXCLUDE)
  void anEndpointWhoseConnectionsAllGoAwayWithoutLookingIsNotAskedForever(Way way)
      throws Exception {
    answers((link, stream) -> link.goAway(0, Http2Link.NO_ERROR));

    isAnsweredByTheSecond(way, job(), Outcome.Kind.SERVER_FAULT);
    assertThat(faulty.connections()).isLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedStreamOfAReplayableRequestIsAnsweredByTheSecond(Way way) throws Exception {
    answers((link, stream) -> link.reset(stream, Http2Link.REFUSED_STREAM));

    isAnsweredByTheSecond(way, chat(), Outcome.Kind.SERVER_FAULT);
  }

  /** OkHttp 4 sends it once more by itself, OkHttp 5 does not. */
  @ParameterizedTest
  @EnumSource
  void aConnectionThatGoesAwayWithoutLookingLosesNoCall(Way way) throws Exception {
    answers(
        (link, stream) -> {
          if (faulty.connections() == 1) {
            link.goAway(0, Http2Link.NO_ERROR);
          } else {
            link.respond(stream, TEXT);
            link.data(stream, "\"new\"", true);
          }
        });

    assertThat(text(way, chat())).isIn("200 \"new\"", "200 \"second\"");
    assertThat(text(way, chat())).isEqualTo("200 \"new\"");
  }

  /** As an endpoint does that takes a job, says where it is, and is then overloaded. */
  @ParameterizedTest
  @EnumSource
  void aRefusalAfterARedirectDoesNotMeanThatNothingWasProcessed(Way way) throws Exception {
    faulty.inject(
        link -> {
          Http2Link http2 = new Http2Link(link);
          if (faulty.connections() == 1) {
            http2.redirect(http2.awaitRequest(), "/v1/jobs/7");
          }
          while (true) {
            http2.reset(http2.awaitRequest(), Http2Link.REFUSED_STREAM);
          }
        });

    assertThatThrownBy(() -> text(way, job()))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("REFUSED_STREAM");
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionThatGoesAwayAndFinishesWhatItHasIsNoFailure(Way way) throws Exception {
    answers(
        (link, stream) -> {
          link.goAway(stream, Http2Link.NO_ERROR);
          link.respond(stream, TEXT);
          link.data(stream, "\"last\"", true);
        });

    assertThat(text(way, oneShot())).isEqualTo("200 \"last\"");
    assertThat(text(way, oneShot())).isEqualTo("200 \"last\"");
    assertThat(faulty.connections()).isEqualTo(2);
    assertThat(second.requests()).isZero();
  }

  static Stream<Arguments> eachWayReplayableOrNot() {
    return Arrays.stream(Way.values())
        .flatMap(way -> Stream.of(true, false).map(replayable -> Arguments.of(way, replayable)));
  }

  @ParameterizedTest
  @MethodSource("eachWayReplayableOrNot")
  void aConnectionThatGoesAwayWithARequestItMayHaveProcessed(Way way, boolean replayable)
      throws Exception {
    faulty.inject(
        link -> {
          Http2Link http2 = new Http2Link(link);
          http2.goAway(http2.awaitRequest(), Http2Link.INTERNAL_ERROR);
        });

    isSentAgainOnlyIf(replayable, way);
  }

  @ParameterizedTest
  @MethodSource("eachWayReplayableOrNot")
  void aStreamThatIsResetBeforeItsHeaders(Way way, boolean replayable) throws Exception {
    answers((link, stream) -> link.reset(stream, Http2Link.INTERNAL_ERROR));

    isSentAgainOnlyIf(replayable, way);
  }

  private void isSentAgainOnlyIf(boolean replayable, Way way) throws Exception {
    if (replayable) {
      isAnsweredByTheSecond(way, chat(), Outcome.Kind.SERVER_FAULT);
    } else {
      assertThatThrownBy(() -> text(way, oneShot())).isInstanceOf(IOException.class);
      assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
      assertThat(second.requests()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsResetBeforeItsFirstByteIsAnsweredByTheSecond(Way way) throws Exception {
    answers(
        (link, stream) -> {
          link.respond(stream, STREAM);
          link.reset(stream, Http2Link.INTERNAL_ERROR);
        });

    assertThat(text(way, streamed())).contains(": second\n").endsWith(DONE);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatIsResetWithinItsBodyIsTheCallers(Way way) throws Exception {
    answers(
        (link, stream) -> {
          link.respond(stream, STREAM);
          link.data(stream, EVENT, false);
          awaitRelease();
          link.reset(stream, Http2Link.INTERNAL_ERROR);
        });

    failsAfterTheFirstEvent(way);
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionThatIsCutWithinTheBodyIsTheCallers(Way way) throws Exception {
    faulty.inject(
        link -> {
          Http2Link http2 = new Http2Link(link);
          int stream = http2.awaitRequest();
          http2.respond(stream, STREAM);
          http2.data(stream, EVENT, false);
          awaitRelease();
          link.reset();
        });

    failsAfterTheFirstEvent(way);
  }

  private void failsAfterTheFirstEvent(Way way) throws Exception {
    try (Response response = way.answer(call(way, streamed()))) {
      BufferedSource source = response.body().source();
      assertThat(source.readUtf8(EVENT.length())).isEqualTo(EVENT);
      release.countDown();
      assertThatThrownBy(source::readUtf8).isInstanceOf(IOException.class);
    }
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aStreamThatStallsIsGivenUpAndTheConnectionKept(Way way) throws Exception {
    losesPatienceReading();
    BlockingQueue<Integer> errors = new LinkedBlockingQueue<>();
    answers(
        (link, stream) -> {
          link.respond(stream, STREAM);
          errors.add(link.awaitReset(stream));
        });

    assertThat(text(way, streamed())).contains(": second\n").endsWith(DONE);
    assertThat(Waiting.take(errors, "the stream to be given up")).isEqualTo(Http2Link.CANCEL);
    assertThat(outcome()).isEqualTo(Outcome.Kind.TIMEOUT);
  }

  @ParameterizedTest
  @EnumSource
  void aCancelGivesTheStreamUpAndOthersOfTheConnectionGoOn(Way way) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    BlockingQueue<Integer> errors = new LinkedBlockingQueue<>();
    faulty.inject(
        link -> {
          Http2Link http2 = new Http2Link(link);
          int kept = http2.awaitRequest();
          http2.respond(kept, STREAM);
          http2.data(kept, EVENT, false);
          int given = http2.awaitRequest();
          begun.countDown();
          errors.add(http2.awaitReset(given));
          http2.data(kept, DONE, true);
          link.hold();
        });

    try (Response kept = way.answer(call(way, streamed()))) {
      Call call = call(way, chat());
      Future<Response> given = threads.submit(() -> way.answer(call));
      Waiting.await(begun, "the second request");
      call.cancel();
      assertThatThrownBy(given::get).hasCauseInstanceOf(IOException.class);
      assertThat(Waiting.take(errors, "the stream to be given up")).isEqualTo(Http2Link.CANCEL);
      assertThat(kept.body().string()).isEqualTo(EVENT + DONE);
    }
    assertThat(outcome()).isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(faulty.connections()).isEqualTo(1);
    assertThat(second.requests()).isZero();
  }
}
