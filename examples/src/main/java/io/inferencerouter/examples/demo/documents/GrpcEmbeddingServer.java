package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.examples.demo.transport.GrpcSender;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import io.inferencerouter.examples.grpc.InferenceServer;
import io.inferencerouter.kserve.InferParameter;
import io.inferencerouter.kserve.ModelInferResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * An endpoint of the Open Inference Protocol over gRPC on loopback.
 *
 * <p>Every answer has the endpoint's name for its id, and tells in its parameters how many tokens
 * were read, and how long the request waited for its permit and held it, in milliseconds.
 */
final class GrpcEmbeddingServer extends DocumentServer {
  private final EndpointEngine engine;
  private final InferenceServer server;

  private GrpcEmbeddingServer(EndpointEngine engine) throws IOException {
    super(engine);
    this.engine = engine;
    this.server = new InferenceServer(engine.name(), this::embed, UnaryOperator.identity());
  }

  /** Starts a server on a free port of the loopback interface. */
  static GrpcEmbeddingServer start(EndpointEngine engine) throws IOException {
    return new GrpcEmbeddingServer(engine);
  }

  @Override
  public URI uri() {
    return URI.create(
        "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + server.port());
  }

  @Override
  public void close() {
    server.close();
  }

  private ModelInferResponse.Builder embed(List<String> texts)
      throws IOException, InterruptedException {
    EndpointEngine.Result<ModelInferResponse.Builder> result =
        engine.serve(texts, InferMessages::response);
    ServerTiming timing = result.timing();
    return result
        .answer()
        .putParameters(GrpcSender.QUEUE_MILLIS, millis(timing.queueMillis()))
        .putParameters(GrpcSender.SERVICE_MILLIS, millis(timing.serviceMillis()));
  }

  private static InferParameter millis(double value) {
    return InferParameter.newBuilder().setDoubleParam(value).build();
  }
}
