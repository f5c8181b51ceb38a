package io.inferencerouter.okhttp;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.FullBacklog;
import java.io.InterruptedIOException;
import java.time.Duration;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A time-out of the whole call ends it wherever it is, for there is no time left for another
 * attempt. One of writing ends the attempt, as those of connecting and reading do, which come with
 * the faults.
 */
class TimedOutAtEachStageTest extends StageTest {
  /** Usually long enough to come to the stage; what is asserted holds for any other, too. */
  private static final Duration WHOLE_CALL = Duration.ofMillis(200);

  TimedOutAtEachStageTest() throws Exception {}

  @ParameterizedTest
  @MethodSource("everyWayAndStage")
  void aCallThatHasTakenTooLongEnds(Way way, Stage stage) throws Exception {
    faulty.inject(stage);
    route(client().callTimeout(WHOLE_CALL).build(), stage);

    endsWithTheCall(way, requestFor(stage));
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatHasTakenTooLongToLookUpANameEnds(Way way) throws Exception {
    routeBy(new SlowLookup(() -> {}), client().callTimeout(WHOLE_CALL));

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
    doesNotReadTheBody(() -> {});

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
    doesNotReadTheBody(() -> {});
    second.script(exchange -> exchange.respond(200, "text/plain", "" + exchange.body.length));

    try (Response response = way.answer(call(way, large(), replayable()))) {
      assertThat(response.body().string()).isEqualTo("" + LARGE);
    }
    assertThat(outcome()).isEqualTo(Outcome.Kind.TIMEOUT);
  }
}
