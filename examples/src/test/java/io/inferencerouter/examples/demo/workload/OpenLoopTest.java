package io.inferencerouter.examples.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.demo.engine.Calibration;
import io.inferencerouter.examples.demo.engine.EmbeddingServer;
import io.inferencerouter.examples.demo.engine.EndpointSpec;
import io.inferencerouter.examples.demo.engine.LoadedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final OkHttpClient client = new OkHttpClient();

  @Test
  void everyRequestIsAnsweredRightly() throws Exception {
    AtomicInteger steps = new AtomicInteger();
    try (EmbeddingServer server = server()) {
      OpenLoop.Run run =
          new OpenLoop(client, address(server), PATIENCE).send(jobs(8), steps::incrementAndGet);

      assertThat(run.lost()).isZero();
      assertThat(run.endNanos() - run.startNanos()).isPositive();
      assertThat(run.answers()).hasSize(8);
      AnswerCheck check = new AnswerCheck(LoadedModel.get());
      for (Answer answer : run.answers()) {
        assertThat(check.problem(answer)).isEmpty();
        assertThat(answer.endpoint()).isEqualTo("gpu-1");
        assertThat(answer.timing().serviceMillis()).isPositive();
        assertThat(answer.latencyNanos() / 1e6)
            .isGreaterThanOrEqualTo(answer.timing().serviceMillis() - 0.001);
      }
    }
    assertThat(steps).hasValue(8);
  }

  @Test
  void aServerThatIsGoneGivesErrorsAndLosesNothing() throws Exception {
    EmbeddingServer server = server();
    HttpUrl address = address(server);
    server.close();

    OpenLoop.Run run = new OpenLoop(client, address, PATIENCE).send(jobs(3), () -> {});

    assertThat(run.lost()).isZero();
    assertThat(run.answers()).hasSize(3).allMatch(answer -> !answer.failure().isEmpty());
    assertThat(new AnswerCheck(LoadedModel.get()).problem(run.answers().get(0))).isPresent();
  }

  @Test
  void aRequestThatNobodyAnswersIsLost() throws Exception {
    OpenLoop.Run run =
        new OpenLoop(SilentCall::new, HttpUrl.get("http://localhost/"), Duration.ZERO)
            .send(jobs(3), () -> {});

    assertThat(run.lost()).isEqualTo(3);
    assertThat(run.answers()).isEmpty();
  }

  private static EmbeddingServer server() throws Exception {
    return EmbeddingServer.start(
        new EndpointSpec("gpu-1", 1, 2), LoadedModel.get(), new Calibration(1000));
  }

  private static HttpUrl address(EmbeddingServer server) {
    return HttpUrl.get(server.uri().resolve("/v1/embeddings"));
  }

  private static List<Job> jobs(int count) throws Exception {
    DocumentGenerator generator = new DocumentGenerator(1);
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Document document = generator.next(DocumentKind.LETTER);
      int tokens = document.pages().stream().mapToInt(LoadedModel.get()::tokens).sum();
      jobs.add(new Job(i, document, tokens, i * 1_000_000L));
    }
    return jobs;
  }
}
