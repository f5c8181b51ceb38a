package io.inferencerouter.examples.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.grpc.EndpointChannels;
import io.inferencerouter.grpc.KServeClassifier;
import io.inferencerouter.grpc.RoutingChannel;
import io.inferencerouter.kserve.GRPCInferenceServiceGrpc;
import io.inferencerouter.kserve.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.inferencerouter.kserve.ModelInferResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/**
 * Embeds sentences over three endpoints, of which one is twice and one four times as slow as the
 * first, through an ordinary blocking stub; and compares every answer with the model itself.
 */
public final class GrpcInference {
  private static final int SENTENCES = 60;
  private static final int CALLERS = 4;

  /** The time the fastest endpoint takes for a sentence. */
  private static final Duration FASTEST = Duration.ofMillis(30);

  private GrpcInference() {}

  /** Starts the endpoints, embeds, and prints who has done how much. */
  public static void main(String[] args) throws Exception {
    try (MiniLm model = MiniLm.load();
        InferenceServer fast = server("fast", model, 1);
        InferenceServer half = server("half", model, 2);
        InferenceServer slow = server("slow", model, 4)) {
      embed(
          model,
          fast.endpoint("http"),
          half.endpoint("http").weight(1 / 2.0),
          slow.endpoint("http").weight(1 / 4.0));
      System.out.printf(
          "%d sentences embedded: fast %d, half as fast %d, a quarter as fast %d%n",
          SENTENCES, fast.embedded(), half.embedded(), slow.embedded());
    }
  }

  private static InferenceServer server(String name, MiniLm model, int slowness)
      throws IOException {
    return new InferenceServer(
        name, new SlowModel(model, FASTEST.multipliedBy(slowness)), UnaryOperator.identity());
  }

  private static void embed(MiniLm model, Endpoint.Builder... endpoints) throws Exception {
    EndpointChannels channels = EndpointChannels.of(GrpcInference::connect);
    InferenceRouters.Builder routing = InferenceRouters.builder().listener(channels);
    for (Endpoint.Builder endpoint : endpoints) {
      routing.endpoint(endpoint.build());
    }
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try (InferenceRouter router = routing.build()) {
      RoutingChannel channel =
          RoutingChannel.builder(router, channels)
              .classifier(
                  KServeClassifier.create()
                      // An embedding is no output that grows
                      .refinedBy((call, found) -> found.toBuilder().outputLimit(0).build()))
              .build();
      try {
        GRPCInferenceServiceBlockingStub stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
        List<Future<ModelInferResponse>> answers = new ArrayList<>();
        for (int i = 0; i < SENTENCES; i++) {
          String sentence = sentence(i);
          answers.add(callers.submit(() -> stub.modelInfer(Vectors.request(List.of(sentence)))));
        }
        for (int i = 0; i < SENTENCES; i++) {
          float[] expected = model.embed(sentence(i)).vector();
          double similarity = Vectors.similarity(expected, Vectors.first(answers.get(i).get()));
          if (similarity < 0.999) {
            throw new IllegalStateException(
                "similarity: " + similarity + " (expected: that of a vector to itself, 1)");
          }
        }
      } finally {
        channel.shutdown();
      }
    } finally {
      callers.shutdown();
    }
  }

  private static String sentence(int number) {
    return "Invoice " + number + ": please pay within thirty days. ".repeat(1 + number % 5);
  }

  private static ManagedChannel connect(Endpoint endpoint) {
    return NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
        .usePlaintext()
        .build();
  }
}
