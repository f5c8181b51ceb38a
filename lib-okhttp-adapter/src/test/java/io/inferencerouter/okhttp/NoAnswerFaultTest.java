package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.okhttp.fault.Fault;
import io.inferencerouter.okhttp.fault.Link;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The first endpoint has the request, and the headers of an answer never come. What may be sent
 * again is answered by the second; what may not, fails, and has been sent once.
 */
class NoAnswerFaultTest extends FaultTest {
  private static final String BEGUN = "HTTP/1.1 200 OK\r\nContent-Ty";
  private static final int MANY = 100_000;

  /** How it fails. */
  enum How implements Fault {
    RESET,
    CLOSED,
    HALF_CLOSED,
    SILENT,
    NOT_HTTP,
    HEADERS_CUT,
    HEADERS_STALL,
    HEADERS_WITHOUT_END,
    A_HEADER_WITHOUT_END;

    @Override
    public void befall(Link link) throws IOException {
      link.awaitRequest();
      switch (this) {
        case RESET -> link.reset();
        case CLOSED -> {} // as after every fault
        case HALF_CLOSED -> {
          link.halfClose();
          link.hold();
        }
        case SILENT -> link.hold();
        case NOT_HTTP -> {
          link.send("* OK IMAP4rev1 server ready\r\n\r\n");
          link.hold();
        }
        case HEADERS_CUT -> link.send(BEGUN);
        case HEADERS_STALL -> {
          link.send(BEGUN);
          link.hold();
        }
        case HEADERS_WITHOUT_END -> {
          link.send(BEGUN);
          for (int i = 0; i < MANY; i++) {
            link.send("X-" + i + ": " + "x".repeat(1000) + "\r\n");
          }
        }
        case A_HEADER_WITHOUT_END -> {
          link.send(BEGUN);
          for (int i = 0; i < MANY; i++) {
            link.send("x".repeat(1000));
          }
        }
      }
    }

    Outcome.Kind outcome() {
      return this == SILENT || this == HEADERS_STALL
          ? Outcome.Kind.TIMEOUT
          : Outcome.Kind.SERVER_FAULT;
    }
  }

  NoAnswerFaultTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  static List<Arguments> everyWayAndHow() {
    List<Arguments> all = new ArrayList<>();
    for (Way way : Way.values()) {
      for (How how : How.values()) {
        all.add(Arguments.of(way, how));
      }
    }
    return all;
  }

  private void fails(How how) {
    faulty.inject(how);
    if (how.outcome() == Outcome.Kind.TIMEOUT) {
      losesPatienceReading();
    }
  }

  @ParameterizedTest
  @MethodSource("everyWayAndHow")
  void aRequestThatIsReplayableIsAnsweredByTheSecond(Way way, How how) throws Exception {
    fails(how);

    isAnsweredByTheSecond(way, chat(), how.outcome());
    awaitOneRequestToTheFirst();
    assertThat(second.requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("everyWayAndHow")
  void aRequestThatCanBeWrittenOnlyOnceFails(Way way, How how) throws Exception {
    fails(how);

    assertThatThrownBy(() -> text(way, oneShot())).isInstanceOf(IOException.class);
    assertThat(outcome()).isEqualTo(how.outcome());
    awaitOneRequestToTheFirst();
    assertThat(second.requests()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "EXECUTED, RESET",
    "ENQUEUED, SILENT",
    "INTERCEPTED, HALF_CLOSED",
    "INTERCEPTED_ALONE, HEADERS_CUT"
  })
  void aStreamIsAnsweredByTheSecond(Way way, How how) throws Exception {
    fails(how);

    assertThat(text(way, streamed())).contains(": second\n").endsWith(DONE);
    assertThat(outcome()).isEqualTo(how.outcome());
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionThatIsResetWhileTheBodyIsSent(Way way) throws Exception {
    faulty.inject(
        link -> {
          link.awaitHead();
          link.in().skipNBytes(1);
          link.reset();
        });
    Request large =
        request()
            .url("http://inference/v1/files")
            .post(RequestBody.create(new byte[20_000_000], JSON))
            .build();
    second.script(exchange -> exchange.respond(200, "text/plain", "" + exchange.body.length));

    try (Response response = way.answer(call(way, large, replayable()))) {
      assertThat(response.body().string()).isEqualTo("20000000");
    }
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
  }
}
