package io.inferencerouter.examples.grpc;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.inferencerouter.Endpoint;
import io.inferencerouter.examples.grpc.generation.Question;
import io.inferencerouter.examples.grpc.generation.TextGenerationGrpc.TextGenerationImplBase;
import io.inferencerouter.examples.grpc.generation.Token;
import io.inferencerouter.examples.languagemodel.BatchingEngine;
import io.inferencerouter.examples.languagemodel.Generation;
import io.inferencerouter.examples.languagemodel.Pace;
import io.inferencerouter.examples.languagemodel.Prompt;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * An endpoint on loopback that generates text with a real language model, and streams it token by
 * token. A question whose caller leaves is dropped at the engine's next step.
 */
final class TokenServer implements AutoCloseable {
  private static final double TEMPERATURE = 0.7;

  private final String name;
  private final TinyKjv model;
  private final BatchingEngine engine;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Server server;

  /**
   * Starts an endpoint on a free port.
   *
   * @param model not closed with it
   * @param slots how many questions it answers at a time
   */
  TokenServer(String name, TinyKjv model, Pace pace, int slots) throws IOException {
    this.name = name;
    this.model = model;
    engine = BatchingEngine.start(name, model, pace, slots);
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .executor(threads)
            .addService(new Service())
            .build()
            .start();
  }

  Endpoint endpoint() {
    return Endpoint.builder(name, "http://localhost:" + server.getPort())
        .model(TinyKjv.NAME)
        .maxConcurrency(engine.slots())
        .profile(engine.pace().profile())
        .build();
  }

  /** How many tokens it has generated, for all questions together. */
  long generatedTokens() {
    return engine.load().generatedTokens();
  }

  private final class Service extends TextGenerationImplBase {
    @Override
    public void generate(Question question, StreamObserver<Token> tokens) {
      Generation generation;
      try {
        generation =
            engine.submit(
                new Prompt(
                    model.encode(question.getPrompt()),
                    question.getMaxTokens(),
                    TEMPERATURE,
                    question.getSeed(),
                    List.of()));
      } catch (IllegalArgumentException e) {
        refuse(tokens, Status.INVALID_ARGUMENT, e);
        return;
      } catch (IOException e) {
        refuse(tokens, Status.UNAVAILABLE, e);
        return;
      }
      Future<?> answering = threads.submit(() -> answer(generation, tokens));
      ((ServerCallStreamObserver<Token>) tokens)
          .setOnCancelHandler(
              () -> {
                generation.close();
                answering.cancel(true);
              });
    }
  }

  private static void answer(Generation generation, StreamObserver<Token> tokens) {
    try (generation) {
      Generation.Token token;
      do {
        token = generation.next();
        tokens.onNext(Token.newBuilder().setText(token.text()).setNumber(token.number()).build());
      } while (!token.isLast());
      tokens.onCompleted();
    } catch (IOException e) {
      refuse(tokens, Status.UNAVAILABLE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the caller has left, or the endpoint is closed
    }
  }

  private static void refuse(StreamObserver<?> tokens, Status status, Exception reason) {
    tokens.onError(status.withDescription(reason.getMessage()).asRuntimeException());
  }

  /** Fails what is being answered, and waits until the model is not used any more. */
  @Override
  public void close() {
    server.shutdownNow();
    engine.close();
    try {
      server.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.shutdownNow();
  }
}
