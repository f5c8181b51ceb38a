package io.inferencerouter.examples.demo.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.Job;
import io.inferencerouter.examples.demo.workload.Sender;
import io.inferencerouter.examples.embedding.LoadedModel;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.examples.grpc.Vectors;
import io.inferencerouter.examples.loopback.ModelServer;
import io.inferencerouter.examples.loopback.Served;
import io.inferencerouter.kserve.ModelInferRequest;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DocumentApiTest {
  private static final Calibration CALIBRATION = new Calibration(100_000);
  private static final EndpointSpec SPEC = new EndpointSpec("gpu-1", 30, 2);
  private static final List<String> PAGES = List.of("Freight for 3 pallets", "Ein Löwe, 20 €");

  private final MiniLm model = LoadedModel.get();
  private final Queue<InferenceRequest> routed = new ConcurrentLinkedQueue<>();

  @ParameterizedTest
  @EnumSource
  void anAnswerHoldsTheEmbeddingOfEachPageAndTheTimes(DocumentApi api) throws Exception {
    DocumentJob job = job(api);
    try (ModelServer server = start(api)) {
      Answer answer = send(api, server, job);

      assertThat(answer.failure()).isEmpty();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.endpoint()).isEqualTo("gpu-1");
      EmbeddingsResponse response = api.response(answer.body());
      assertThat(response.model()).isEqualTo(MiniLm.NAME);
      assertThat(response.promptTokens()).isEqualTo(job.inputTokens());
      assertThat(response.embeddings())
          .containsExactly(model.embed(PAGES.get(0)).vector(), model.embed(PAGES.get(1)).vector());
      assertThat(job.problem(answer)).isEmpty();

      long stated = CALIBRATION.nominal(job.inputTokens()).toNanos() * 30;
      assertThat(answer.timing().serviceMillis()).isGreaterThanOrEqualTo(stated / 1e6 - 0.001);
      assertThat(answer.latencyNanos()).isGreaterThanOrEqualTo(stated);
      assertThat(server.takeServed()).extracting(Served::statedNanos).containsExactly(stated);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theRouterSeesTheModelAndTheSizeOfTheDocument(DocumentApi api) throws Exception {
    try (ModelServer server = start(api)) {
      send(api, server, job(api));
    }

    assertThat(routed)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.model()).isEqualTo(MiniLm.NAME);
              assertThat(request.input(InputUnit.CHARACTERS))
                  .isEqualTo(PAGES.get(0).length() + PAGES.get(1).length());
              assertThat(request.hasInput(InputUnit.TOKENS)).isFalse();
              assertThat(request.outputLimit()).isZero();
              assertThat(request.replayable()).isTrue();
              assertThat(request.idempotent()).isTrue();
            });
  }

  @Test
  void overGrpcAWrongRequestIsRefusedWithTheReason() throws Exception {
    ModelInferRequest empty = ModelInferRequest.newBuilder().setModelName(MiniLm.NAME).build();
    ModelInferRequest otherModel = Vectors.request(PAGES).toBuilder().setModelName("gpt").build();
    DocumentApi api = DocumentApi.OPEN_INFERENCE;
    try (ModelServer server = start(api)) {
      assertThat(send(api, server, new BodyJob(empty.toByteArray())).failure())
          .contains("INVALID_ARGUMENT", "texts: none");
      assertThat(send(api, server, new BodyJob(otherModel.toByteArray())).failure())
          .contains("NOT_FOUND", "model: not served (expected: " + MiniLm.NAME + ")");
      assertThat(server.takeServed()).isEmpty();
    }
  }

  private ModelServer start(DocumentApi api) throws Exception {
    return api.start(new EndpointEngine(SPEC, model, CALIBRATION));
  }

  private Answer send(DocumentApi api, ModelServer server, Job job) throws Exception {
    RouterListener listener =
        new RouterListener() {
          @Override
          public void leaseAcquired(Lease lease) {
            routed.add(lease.request());
          }
        };
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    try (InferenceRouter router =
            InferenceRouters.builder()
                .listener(listener)
                .endpoint(Endpoint.builder("gpu-1", server.uri()).build())
                .build();
        Sender sender = api.sender(router)) {
      sender.prepare(job).send(System.nanoTime(), answer::complete);
      return answer.get(30, TimeUnit.SECONDS);
    }
  }

  private DocumentJob job(DocumentApi api) {
    Document document = new Document(DocumentKind.LETTER, PAGES);
    int tokens = PAGES.stream().mapToInt(model::tokens).sum();
    return new DocumentJob(0, document, tokens, 0, api, new AnswerCheck(model));
  }

  /** A job of which only the body matters. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record BodyJob(byte[] body) implements Job {
    @Override
    public int number() {
      return 0;
    }

    @Override
    public String kind() {
      return "fixed";
    }

    @Override
    public int inputTokens() {
      return 0;
    }

    @Override
    public int outputTokens() {
      return 0;
    }

    @Override
    public long arrivalNanos() {
      return 0;
    }

    @Override
    public Optional<String> problem(Answer answer) {
      return Optional.empty();
    }
  }
}
