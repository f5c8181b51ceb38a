package io.inferencerouter.examples.grpc;

import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.grpc.generation.Question;
import io.inferencerouter.examples.grpc.generation.TextGenerationGrpc;
import io.inferencerouter.examples.grpc.generation.TextGenerationGrpc.TextGenerationBlockingStub;
import io.inferencerouter.examples.grpc.generation.Token;
import io.inferencerouter.examples.languagemodel.Pace;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import io.inferencerouter.grpc.EndpointChannels;
import io.inferencerouter.grpc.GrpcRequest;
import io.inferencerouter.grpc.RoutingChannel;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * Reads the answer of a language model token by token, and leaves it half-way: the endpoint stops
 * generating, and its only slot is free for the next question.
 */
public final class GrpcStreaming {
  private static final int LONG_ANSWER = 400;
  private static final int SHORT_ANSWER = 20;
  private static final int READ = 25;
  private static final int ALL = -1;
  private static final Pace PACE = Pace.of(100_000, 5_000_000);

  private GrpcStreaming() {}

  /** Starts an endpoint, asks twice, and prints what was said and what was not generated. */
  public static void main(String[] args) throws Exception {
    try (TinyKjv model = TinyKjv.load();
        TokenServer server = new TokenServer("gpu-1", model, PACE, 1)) {
      EndpointChannels channels =
          EndpointChannels.of(
              endpoint ->
                  NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
                      .usePlaintext()
                      .build());
      try (InferenceRouter router =
          InferenceRouters.builder().listener(channels).endpoint(server.endpoint()).build()) {
        RoutingChannel channel =
            RoutingChannel.builder(router, channels).classifier(GrpcStreaming::classify).build();
        try {
          ask(TextGenerationGrpc.newBlockingStub(channel));
          System.out.printf(
              "tokens generated: %d of %d; requests in flight: %d%n",
              server.generatedTokens(), LONG_ANSWER + SHORT_ANSWER, router.snapshot().inFlight());
        } finally {
          channel.shutdown();
        }
        if (!channel.awaitTermination(10, TimeUnit.SECONDS)) {
          throw new IllegalStateException("channel: open (expected: ended with its streams)");
        }
      }
    }
  }

  /** A service of one's own: what of a question decides where it goes. */
  private static InferenceRequest classify(GrpcRequest call) {
    Question question = (Question) call.message().orElseThrow();
    return InferenceRequest.forModel(question.getModel())
        .input(InputUnit.CHARACTERS, question.getPrompt().length())
        .outputLimit(question.getMaxTokens())
        .replayable(true)
        .build();
  }

  private static void ask(TextGenerationBlockingStub stub) {
    CancellableContext reading = Context.current().withCancellation();
    reading.run(() -> read("And the king said unto", LONG_ANSWER, READ, stub));
    reading.cancel(null);
    System.out.printf("(left after %d tokens of up to %d)%n", READ, LONG_ANSWER);
    // There is one slot: this has to wait until the first answer has ended
    read("Who can find wisdom?", SHORT_ANSWER, ALL, stub);
  }

  private static void read(
      String prompt, int maxTokens, int wanted, TextGenerationBlockingStub stub) {
    Iterator<Token> answer =
        stub.generate(
            Question.newBuilder()
                .setModel(TinyKjv.NAME)
                .setPrompt(prompt)
                .setMaxTokens(maxTokens)
                .setSeed(1)
                .build());
    System.out.printf("> %s%n", prompt);
    for (int i = 0; i != wanted && answer.hasNext(); i++) {
      System.out.print(answer.next().getText());
    }
    System.out.println();
  }
}
