package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import java.time.Duration;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Wire.class)
class EventStreamTest extends RoutedTest {
  private static final String TYPE = "text/event-stream; charset=utf-8";

  EventStreamTest(Wire wire) throws Exception {
    super(wire);
  }

  /** Sends a text, and then nothing more for as long as the test wants. */
  private void open(String text) {
    server.script(
        e -> {
          Exchange.send(e.begin(200, TYPE), text);
          awaitRelease();
        });
  }

  private static void readLines(BufferedSource source, int lines) throws Exception {
    for (int i = 0; i < lines; i++) {
      source.readUtf8LineStrict();
    }
  }

  @Test
  void aCommentIsNotTheFirstOutputAndAnEventWithDataIs() throws Exception {
    server.script(
        e -> {
          var out = e.begin(200, TYPE);
          Exchange.send(out, ": still alive\n\n");
          awaitRelease();
          Exchange.send(out, "data: {\"choices\":[]}\n\ndata: [DONE]\n\n");
        });
    try (Response response = call().execute()) {
      readLines(response.body().source(), 2);
      assertThat(observed.firstTokens).isEmpty();
      release.countDown();
      readLines(response.body().source(), 1);
      assertThat(observed.firstTokens).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {}\n\ndata: [DONE]\n\n",
        "data: {}\r\n\r\ndata: [DONE]\r\n\r\n",
        "data:{}\n\ndata:[DONE]\n\n",
        "event: message_start\ndata: {}\n\nevent: message_stop\ndata: {}\n\n",
        "event: response.completed\ndata: {}\n\n",
        "data: {}\n\nevent:message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
      })
  void aBodyClosedAfterItsTerminalEventIsASuccess(String events) throws Exception {
    open(events);
    try (Response response = call().execute()) {
      readLines(response.body().source(), (int) events.lines().count());
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {}\n\n",
        "data: {\"text\":\"data: [DONE]\"}\n\n",
        "data: [DONE]x\n\n",
        "data: [DONE\n\n",
        "event: message_stopped\ndata: {}\n\n",
        ": data: [DONE]\n\n",
        "id: [DONE]\n\n",
        "eventdata: [DONE]\n\n",
      })
  void aBodyClosedBeforeItsTerminalEventIsACancel(String events) throws Exception {
    open(events);
    try (Response response = call().execute()) {
      readLines(response.body().source(), (int) events.lines().count());
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  @Test
  void aStreamThatEndsWithoutATerminalEventIsASuccess() throws Exception {
    server.script(e -> e.respond(200, TYPE, "data: {}\n\n"));
    try (Response response = call().execute()) {
      assertThat(response.body().string()).isEqualTo("data: {}\n\n");
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  private Outcome outcomeOf(String path, boolean streaming, String events) throws Exception {
    server.script(
        e -> {
          try (var out = e.begin(200, TYPE)) {
            Exchange.send(out, events);
          }
        });
    String body = "{\"model\":\"m\",\"stream\":" + streaming + "}";
    Request request =
        request().url("http://inference" + path).post(RequestBody.create(body, JSON)).build();
    try (Response response = calls.newCall(request).execute()) {
      assertThat(response.body().string()).isEqualTo(events);
    }
    return observed.outcome();
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, 'data: {}\n\n', 'data: [DONE]\n\n'",
    "/chat/completions, 'data: {}\n\n', 'data: [DONE]'",
    "/v1/completions, 'data: {}\n\n', 'data: [DONE]\n\n'",
    "/v1/messages, 'event: message_start\ndata: {}\n\n', 'event: message_stop\ndata: {}\n\n'",
    "/v1/responses, 'event: response.created\ndata: {}\n\n',"
        + "'event: response.incomplete\ndata: {}\n\n'",
  })
  void aStreamOfAKnownApiThatEndsWithoutItsLastEventIsAFaultOfTheServer(
      String path, String begun, String end) throws Exception {
    assertThat(outcomeOf(path, true, begun)).isEqualTo(Outcome.serverFault());
    assertThat(outcomeOf(path, true, begun + end)).isEqualTo(Outcome.success());
    assertThat(outcomeOf(path, false, begun)).isEqualTo(Outcome.success());
    assertThat(outcomeOf("/generate_stream", true, begun)).isEqualTo(Outcome.success());
  }

  @Test
  void theApiIsKnownByThePathThatTheEndpointSees() throws Exception {
    assertThat(outcomeOf("/completions", true, "data: {}\n\n")).isEqualTo(Outcome.success());
    use(Endpoint.of("v1", server.uri() + "/v1"));
    assertThat(outcomeOf("/completions", true, "data: {}\n\n")).isEqualTo(Outcome.serverFault());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/chat/completions", "/v1/completions", "/generate_stream"})
  void anErrorAmongTheEventsIsAFaultOfTheServer(String path) throws Exception {
    String error = "data: {\"error\":{\"message\":\"CUDA\",\"code\":500}}\n\n";
    assertThat(outcomeOf(path, true, "data: {}\n\n" + error + "data: [DONE]\n\n"))
        .isEqualTo(Outcome.serverFault());
    assertThat(outcomeOf(path, true, error)).isEqualTo(Outcome.serverFault());
    assertThat(observed.firstTokens).hasSize(1);
  }

  @Test
  void aTextAboutAnErrorIsNone() throws Exception {
    String delta =
        "data: {\"choices\":[{\"delta\":{\"content\":\"data: {\\\"error\\\":{}}\\n\\n\"}}]}\n\n";
    assertThat(outcomeOf("/v1/chat/completions", true, delta + "data: [DONE]\n\n"))
        .isEqualTo(Outcome.success());
  }

  @Test
  void theUsageOfTheLastChunkIsReportedAlthoughTheStreamOnlyPassesThrough() throws Exception {
    open(
        "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\":{\"}}],\"usage\":null}\n\n"
            + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":22,"
            + "\"total_tokens\":33}}\n\n"
            + "data: [DONE]\n\n");
    try (Response response = call().execute()) {
      readLines(response.body().source(), 5);
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.success().withUsage(Usage.of(11, 22)));
  }

  @Test
  void theUsageOfAStreamOfMessagesIsPutTogether() throws Exception {
    open(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{"
            + "\"input_tokens\":5,\"cache_read_input_tokens\":20,\"cache_creation_input_tokens\":3,"
            + "\"output_tokens\":1}}}\n\n"
            + "event: message_delta\ndata: {\"usage\":{\"output_tokens\":9}}\n\n"
            + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    try (Response response = call().execute()) {
      readLines(response.body().source(), 8);
    }
    assertThat(observed.outcome())
        .isEqualTo(Outcome.success().withUsage(Usage.of(28, 9).withCachedInput(20)));
  }

  @Test
  void everyEventIsProgressThatReturnsReservedOutput() throws Exception {
    server.script(
        e -> {
          var out = e.begin(200, TYPE);
          Exchange.send(out, "data: {}\n\n".repeat(50));
          awaitRelease();
          Exchange.send(out, "data: [DONE]\n\n");
        });
    try (Response response = call().execute()) {
      Duration before = router.snapshot().endpoints().get(0).reservedOutput();
      assertThat(before).isPositive();
      readLines(response.body().source(), 100);
      Duration after = router.snapshot().endpoints().get(0).reservedOutput();
      assertThat(after).isLessThan(before.multipliedBy(3).dividedBy(4)).isPositive();
      assertThat(router.snapshot().endpoints().get(0).reservedInput()).isZero();
      release.countDown();
      assertThat(response.body().string()).isEqualTo("data: [DONE]\n\n");
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void theLeaseEndsWithTheTerminalEventEvenIfTheBodyIsClosedLate() throws Exception {
    open("data: {}\n\ndata: [DONE]\n\n");
    Response response = call().execute();
    readLines(response.body().source(), 4);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    assertThat(router.snapshot().inFlight()).isZero();
    response.close();
    assertThat(observed.outcomes).isEmpty();
  }

  @Test
  void aStreamThatSaysThatItFailedIsAFaultOfTheServer() throws Exception {
    open("data: {}\n\nevent: error\ndata: {\"error\":{\"type\":\"overloaded_error\"}}\n\n");
    try (Response response = call().execute()) {
      readLines(response.body().source(), 5);
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
  }
}
