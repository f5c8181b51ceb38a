package io.inferencerouter.examples.grpc;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.inferencerouter.Endpoint;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.kserve.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import io.inferencerouter.kserve.ModelInferRequest;
import io.inferencerouter.kserve.ModelInferResponse;
import io.inferencerouter.kserve.ModelInferResponse.InferOutputTensor;
import io.inferencerouter.kserve.ModelStreamInferResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * An endpoint of the Open Inference Protocol on loopback that turns texts into embeddings, one at a
 * time. A slower endpoint computes each of them several times over, so it really is slower.
 */
final class InferenceServer implements AutoCloseable {
  private final String name;
  private final MiniLm model;
  private final int slowness;
  private final Semaphore turn = new Semaphore(1, true);
  private final AtomicInteger embedded = new AtomicInteger();
  private final AtomicInteger cancelled = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Server server;

  /**
   * Starts an endpoint.
   *
   * @param slowness how often each embedding is computed
   * @param settings adds to the server what is special about it
   */
  InferenceServer(
      String name, MiniLm model, int slowness, UnaryOperator<NettyServerBuilder> settings)
      throws IOException {
    this.name = name;
    this.model = model;
    this.slowness = slowness;
    server =
        settings
            .apply(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .executor(threads)
            .addService(new Service())
            .build()
            .start();
  }

  /** The same with interceptors that see every call. */
  static UnaryOperator<NettyServerBuilder> with(ServerInterceptor interceptor) {
    return builder -> builder.intercept(interceptor);
  }

  Endpoint.Builder endpoint(String scheme) {
    return Endpoint.builder(name, scheme + "://localhost:" + server.getPort())
        .model(MiniLm.NAME)
        .maxConcurrency(4)
        .weight(1.0 / slowness);
  }

  /** How many texts were embedded. */
  int embedded() {
    return embedded.get();
  }

  /** How many streams their callers have left. */
  int cancelled() {
    return cancelled.get();
  }

  private ModelInferResponse.Builder infer(ModelInferRequest request, ByteString text)
      throws InterruptedException {
    ByteString vector = ByteString.EMPTY;
    turn.acquire();
    try {
      for (int i = 0; i < slowness; i++) {
        vector = Vectors.write(model.embed(text.toStringUtf8()).vector());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      turn.release();
    }
    embedded.incrementAndGet();
    return ModelInferResponse.newBuilder()
        .setModelName(request.getModelName())
        .setId(name)
        .addOutputs(
            InferOutputTensor.newBuilder()
                .setName("embedding")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(MiniLm.DIMENSIONS))
        .addRawOutputContents(vector);
  }

  private final class Service extends GRPCInferenceServiceImplBase {
    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> answers) {
      try {
        answers.onNext(infer(request, Vectors.texts(request).get(0)).build());
        answers.onCompleted();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        answers.onError(Status.UNAVAILABLE.withDescription("shutting down").asRuntimeException());
      }
    }

    /** Answers one text after another, as long as somebody listens. */
    @Override
    public StreamObserver<ModelInferRequest> modelStreamInfer(
        StreamObserver<ModelStreamInferResponse> answers) {
      Context call = Context.current();
      call.addListener(left -> cancelled.incrementAndGet(), Runnable::run);
      return new StreamObserver<>() {
        @Override
        public void onNext(ModelInferRequest request) {
          try {
            for (ByteString text : Vectors.texts(request)) {
              if (call.isCancelled()) {
                return;
              }
              answers.onNext(
                  ModelStreamInferResponse.newBuilder()
                      .setInferResponse(infer(request, text))
                      .build());
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        }

        @Override
        public void onError(Throwable left) {
          // The caller has left, which the listener of the context counts.
        }

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
    threads.shutdown();
    try {
      // The model must not be closed under the hands of those who compute.
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("endpoint " + name + ": busy (expected: done)");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
