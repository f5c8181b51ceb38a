package io.inferencerouter.examples.grpc;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.grpc.EndpointChannels;
import io.inferencerouter.grpc.KServeClassifier;
import io.inferencerouter.grpc.RoutingChannel;
import io.inferencerouter.kserve.GRPCInferenceServiceGrpc;
import io.inferencerouter.kserve.ModelInferRequest;
import io.inferencerouter.kserve.ModelStreamInferResponse;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a sentence that means the same as another one, and leaves the stream as soon as it is
 * found: the endpoint stops working, and its slot is free again.
 */
public final class GrpcStreaming {
  private static final String WANTED = "The invoice was paid.";
  private static final List<String> SENTENCES =
      List.of(
          "The weather is nice today.",
          "A train left the station at noon.",
          "We have settled the bill.",
          "Cats sleep most of the day.",
          "The committee meets on Friday.",
          "Bread is baked every morning.",
          "The river rises in spring.",
          "She plays the violin.");

  private static final double SIMILAR = 0.3;

  private GrpcStreaming() {}

  /** Starts an endpoint, searches, and prints what was found and what was not computed. */
  public static void main(String[] args) throws Exception {
    try (MiniLm model = MiniLm.load();
        InferenceServer server =
            new InferenceServer("gpu-1", new SlowModel(model, 1), UnaryOperator.identity())) {
      EndpointChannels channels =
          EndpointChannels.of(
              endpoint ->
                  NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
                      .usePlaintext()
                      .build());
      try (InferenceRouter router =
          InferenceRouters.builder()
              .listener(channels)
              .endpoint(server.endpoint("http").build())
              .build()) {
        RoutingChannel channel =
            RoutingChannel.builder(router, channels).classifier(KServeClassifier.create()).build();
        try {
          Search search = new Search(model.embed(WANTED).vector());
          StreamObserver<ModelInferRequest> requests =
              GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(search);
          requests.onNext(Vectors.request(SENTENCES));
          requests.onCompleted();
          int found = search.found.get(30, TimeUnit.SECONDS);
          System.out.printf(
              "\"%s\" means about the same as \"%s\"; requests in flight: %d%n",
              SENTENCES.get(found), WANTED, router.snapshot().inFlight());
        } finally {
          channel.shutdown();
        }
        if (!channel.awaitTermination(10, TimeUnit.SECONDS)) {
          throw new IllegalStateException("channel: open (expected: ended with its stream)");
        }
      }
      System.out.printf("streams left by their caller: %d%n", server.cancelled());
    }
  }

  /** Reads one answer at a time, and cancels when it has seen enough. */
  private static final class Search
      implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
    final CompletableFuture<Integer> found = new CompletableFuture<>();
    private final float[] wanted;
    private @Nullable ClientCallStreamObserver<ModelInferRequest> call;
    private int read;

    Search(float[] wanted) {
      this.wanted = wanted;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ModelInferRequest> started) {
      call = started;
      started.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(ModelStreamInferResponse answer) {
      var stream = Objects.requireNonNull(call, "call");
      float[] vector = Vectors.first(answer.getInferResponse());
      if (Vectors.similarity(wanted, vector) >= SIMILAR) {
        stream.cancel("found", null);
        found.complete(read);
      } else {
        read++;
        stream.request(1);
      }
    }

    @Override
    public void onError(Throwable failure) {
      found.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      found.completeExceptionally(new IllegalStateException("found: nothing (expected: one)"));
    }
  }
}
