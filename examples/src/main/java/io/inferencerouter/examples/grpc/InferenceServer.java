package io.inferencerouter.examples.grpc;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.inferencerouter.Endpoint;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.kserve.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import io.inferencerouter.kserve.ModelInferRequest;
import io.inferencerouter.kserve.ModelInferResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** An endpoint of the Open Inference Protocol on loopback that turns texts into embeddings. */
public final class InferenceServer implements AutoCloseable {
  /** Stands for a port that is free. */
  public static final int ANY_PORT = 0;

  private final String name;
  private final TextModel model;
  private final AtomicInteger embedded = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Server server;
  private final int port;

  /**
   * Starts an endpoint on a free port.
   *
   * @param name the id of its answers
   * @param model computes them
   * @param settings adds to the server what is special about it
   */
  public InferenceServer(String name, TextModel model, UnaryOperator<NettyServerBuilder> settings)
      throws IOException {
    this(name, ANY_PORT, model, settings);
  }

  /**
   * Starts an endpoint.
   *
   * @param name the id of its answers
   * @param port of the loopback interface, or {@link #ANY_PORT}
   * @param model computes them
   * @param settings adds to the server what is special about it
   */
  public InferenceServer(
      String name, int port, TextModel model, UnaryOperator<NettyServerBuilder> settings)
      throws IOException {
    this.name = name;
    this.model = model;
    server =
        settings
            .apply(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
            .executor(threads)
            .addService(new Service())
            .build()
            .start();
    this.port = server.getPort();
  }

  Endpoint.Builder endpoint(String scheme) {
    return Endpoint.builder(name, scheme + "://localhost:" + port)
        .model(MiniLm.NAME)
        .maxConcurrency(4);
  }

  /** The port of the loopback interface, also when the server is closed. */
  public int port() {
    return port;
  }

  /** How many texts were embedded. */
  int embedded() {
    return embedded.get();
  }

  private ModelInferResponse infer(ModelInferRequest request, List<ByteString> texts)
      throws IOException, InterruptedException {
    ModelInferResponse.Builder answer =
        model.infer(texts.stream().map(ByteString::toStringUtf8).toList());
    embedded.addAndGet(texts.size());
    return answer.setModelName(request.getModelName()).setId(name).build();
  }

  private final class Service extends GRPCInferenceServiceImplBase {
    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> answers) {
      if (!request.getModelName().equals(MiniLm.NAME)) {
        refuse(answers, Status.NOT_FOUND, "model: not served (expected: " + MiniLm.NAME + ")");
        return;
      }
      List<ByteString> texts = Vectors.texts(request);
      if (texts.isEmpty()) {
        refuse(answers, Status.INVALID_ARGUMENT, "texts: none (expected: a tensor of bytes)");
        return;
      }
      try {
        answers.onNext(infer(request, texts));
        answers.onCompleted();
      } catch (IOException e) {
        refuse(answers, Status.INTERNAL, "model: cannot be run");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        refuse(answers, Status.UNAVAILABLE, "shutting down");
      }
    }
  }

  private static void refuse(StreamObserver<?> answers, Status status, String reason) {
    answers.onError(status.withDescription(reason).asRuntimeException());
  }

  /** Ends what is being answered, and waits until nobody computes any more. */
  @Override
  public void close() {
    server.shutdownNow();
    try {
      // Calls hear on those threads that they are over.
      server.awaitTermination(10, TimeUnit.SECONDS);
      threads.shutdownNow();
      // The model must not be closed under the hands of those who compute.
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("endpoint " + name + ": busy (expected: done)");
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
