package io.inferencerouter.examples.demo.workload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.demo.transport.BodyReader;
import io.inferencerouter.examples.demo.transport.HttpSender;
import io.inferencerouter.examples.loopback.LoopbackServer;
import io.inferencerouter.examples.loopback.ModelServer;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void everyRequestIsSentAndItsAnswerRead() throws Exception {
    AtomicInteger steps = new AtomicInteger();
    try (LoopbackServer server = echo();
        InferenceRouter router = to(server);
        Sender sender = HttpSender.over(router, "/", BodyReader.WHOLE)) {
      OpenLoop.Run run = new OpenLoop(sender, PATIENCE).send(jobs(8), steps::incrementAndGet);

      assertThat(run.lost()).isZero();
      assertThat(run.endNanos() - run.startNanos()).isPositive();
      assertThat(run.answers()).hasSize(8);
      for (Answer answer : run.answers()) {
        assertThat(answer.failure()).isEmpty();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.endpoint()).isEqualTo("gpu-1");
        assertThat(answer.timing()).isEqualTo(new ServerTiming(0.25, 1));
        assertThat(answer.body()).asString(UTF_8).isEqualTo("fixed");
        assertThat(answer.isStreamed()).isFalse();
        assertThat(answer.latencyNanos()).isPositive();
      }
    }
    assertThat(steps).hasValue(8);
  }

  @Test
  void ofAStreamTheTimeOfEachOutputIsNoted() throws Exception {
    String stream =
        """
        data: {"choices":[{"delta":{"content":"a"}}]}

        data: {"choices":[{"delta":{"content":"b"}}]}

        data: {"choices":[],"usage":{}}

        data: [DONE]

        : the "delta": end""";
    try (LoopbackServer server =
            LoopbackServer.start(
                "stream",
                exchange -> {
                  exchange.sendResponseHeaders(200, 0);
                  try (OutputStream out = exchange.getResponseBody()) {
                    out.write(stream.getBytes(UTF_8));
                  }
                });
        InferenceRouter router = to(server);
        Sender sender = HttpSender.over(router, "/", BodyReader.CHAT_STREAM)) {
      Answer answer = new OpenLoop(sender, PATIENCE).send(jobs(1), () -> {}).answers().get(0);

      assertThat(answer.outputNanos()).hasSize(2).isSorted();
      assertThat(answer.outputNanos()[1]).isLessThanOrEqualTo(answer.latencyNanos());
      assertThat(answer.body()).asString(UTF_8).isEqualTo(stream);
    }
  }

  @Test
  void aServerThatIsGoneGivesErrorsAndLosesNothing() throws Exception {
    LoopbackServer server = echo();
    server.close();
    try (InferenceRouter router = to(server);
        Sender sender = HttpSender.over(router, "/", BodyReader.WHOLE)) {
      OpenLoop.Run run = new OpenLoop(sender, PATIENCE).send(jobs(3), () -> {});

      assertThat(run.lost()).isZero();
      assertThat(run.answers()).hasSize(3).allMatch(answer -> !answer.failure().isEmpty());
    }
  }

  @Test
  void aRequestThatNobodyAnswersIsLost() throws Exception {
    OpenLoop.Run run = new OpenLoop(new SilentSender(), Duration.ZERO).send(jobs(3), () -> {});

    assertThat(run.lost()).isEqualTo(3);
    assertThat(run.answers()).isEmpty();
  }

  /** Answers with what it was sent. */
  private static LoopbackServer echo() throws Exception {
    return LoopbackServer.start(
        "echo",
        exchange -> {
          exchange.getResponseHeaders().set(ModelServer.SERVED_BY, "gpu-1");
          exchange
              .getResponseHeaders()
              .set(ServerTiming.HEADER, "queue;dur=0.250, service;dur=1.000");
          byte[] body = exchange.getRequestBody().readAllBytes();
          LoopbackServer.answer(exchange, 200, "text/plain", body);
        });
  }

  private static InferenceRouter to(LoopbackServer server) {
    return InferenceRouters.builder()
        .endpoint(Endpoint.builder("gpu-1", server.uri()).build())
        .build();
  }

  private static List<Job> jobs(int count) {
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      jobs.add(FixedJob.at(i, i * 1_000_000L));
    }
    return jobs;
  }
}
