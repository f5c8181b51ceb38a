package io.inferencerouter.examples.demo.documents;

import io.grpc.netty.shaded.io.netty.channel.Channel;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
  private final EventLoopGroup workers = threads();

  /** The connections that are open. */
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();

  private volatile InferenceServer server;
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
                .channelFactory(Acceptor::new)
                .bossEventLoopGroup(acceptor)
                .workerEventLoopGroup(workers));
  }

  /** Remembers the connections that it accepts. */
  private final class Acceptor extends NioServerSocketChannel {
    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
      int count = super.doReadMessages(accepted);
      for (Object one : accepted) {
        Channel connection = (Channel) one;
        if (connections.add(connection)) {
          var unused =
              connection.closeFuture().addListener(closed -> connections.remove(connection));
        }
      }
      return count;
    }
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
   * The threads live on, for what is being computed is still answered, to nobody.
   */
  @Override
  public void kill() {
    dead = true;
    connections.forEach(GrpcEmbeddingServer::cut);
    server.close();
  }

  /** Past the handlers, which would say goodbye. */
  private static void cut(Channel connection) {
    if (connection.isRegistered()) {
      Channel.Unsafe socket = connection.unsafe();
      var unused =
          connection
              .eventLoop()
              .submit(() -> socket.close(socket.voidPromise()))
              .syncUninterruptibly();
    }
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
      server = start(server.port());
      dead = false;
    }
  }

  @Override
  public void close() {
    server.close();
    end(workers);
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
