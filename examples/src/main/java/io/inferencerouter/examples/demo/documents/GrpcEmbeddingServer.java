package io.inferencerouter.examples.demo.documents;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.inferencerouter.examples.demo.transport.GrpcSender;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import io.inferencerouter.examples.grpc.InferenceServer;
import io.inferencerouter.kserve.InferParameter;
import io.inferencerouter.kserve.ModelInferResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An endpoint of the Open Inference Protocol over gRPC on loopback.
 *
 * <p>Every answer has the endpoint's name for its id, and tells in its parameters how many tokens
 * were read, and how long the request waited for its permit and held it, in milliseconds.
 */
final class GrpcEmbeddingServer extends DocumentServer {
  private final EndpointEngine engine;
  private final EventLoopGroup acceptor = threads();
  private volatile InferenceServer server;
  private volatile EventLoopGroup connections = threads();
  private volatile boolean dead;

  private GrpcEmbeddingServer(EndpointEngine engine) throws IOException {
    super(engine);
    this.engine = engine;
    this.server = start(InferenceServer.ANY_PORT);
  }

  private InferenceServer start(int port) throws IOException {
    return new InferenceServer(
        engine.name(),
        port,
        this::embed,
        builder ->
            builder
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(acceptor)
                .workerEventLoopGroup(connections));
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

  /**
   * Cuts the connections first: a server that shuts down tells its clients, a dead one does not.
   */
  @Override
  public void kill() {
    dead = true;
    end(connections);
    server.close();
  }

  private static EventLoopGroup threads() {
    return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  }

  private static void end(EventLoopGroup group) {
    var unused = group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Override
  public void restart() throws IOException {
    if (dead) {
      connections = threads();
      server = start(server.port());
      dead = false;
    }
  }

  @Override
  public void close() {
    server.close();
    end(connections);
    end(acceptor);
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
