package io.inferencerouter.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.inferencerouter.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A real server on loopback. */
final class ExchangeServer {
  static final Metadata.Key<String> ECHO =
      Metadata.Key.of("x-echo", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<byte[]> ECHO_BIN =
      Metadata.Key.of("x-echo-bin", Metadata.BINARY_BYTE_MARSHALLER);

  final String name;
  final ExchangeService service;
  final BlockingQueue<Metadata> headers = new LinkedBlockingQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final UnaryOperator<NettyServerBuilder> settings;
  private final int port;
  volatile Metadata trailers = new Metadata();
  private Server server;

  ExchangeServer(String name) throws IOException {
    this(name, 0);
  }

  ExchangeServer(String name, int port) throws IOException {
    this(name, port, settings -> settings);
  }

  ExchangeServer(String name, UnaryOperator<NettyServerBuilder> settings) throws IOException {
    this(name, 0, settings);
  }

  private ExchangeServer(String name, int port, UnaryOperator<NettyServerBuilder> settings)
      throws IOException {
    this.name = name;
    this.settings = settings;
    this.service = new ExchangeService(name);
    start(port);
    this.port = server.getPort();
  }

  private void start(int onPort) throws IOException {
    server =
        settings
            .apply(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort)))
            .addService(service)
            .intercept(new Echo())
            .maxInboundMessageSize(16 << 20)
            .executor(threads)
            .build()
            .start();
  }

  int port() {
    return port;
  }

  Endpoint.Builder endpoint() {
    return Endpoint.builder(name, "http://127.0.0.1:" + port).maxConcurrency(64);
  }

  /** Sends GOAWAY, and ends when the calls have ended. */
  void goAway() {
    server.shutdown();
  }

  /** Cuts all connections. */
  void kill() throws InterruptedException {
    server.shutdownNow();
    if (!server.awaitTermination(30, TimeUnit.SECONDS)) {
      throw new AssertionError("server " + name + " does not end");
    }
  }

  /** Serves again, at the same address. */
  void restart() throws IOException {
    start(port);
  }

  void stop() throws InterruptedException {
    kill();
    threads.shutdownNow();
  }

  /** Records headers, returns some of them, and adds trailers. */
  private final class Echo implements ServerInterceptor {
    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
        ServerCall<ReqT, RespT> call, Metadata received, ServerCallHandler<ReqT, RespT> next) {
      headers.add(received);
      Metadata added = trailers;
      return next.startCall(
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata sent) {
              String echo = received.get(ECHO);
              if (echo != null) {
                sent.put(ECHO, echo);
              }
              super.sendHeaders(sent);
            }

            @Override
            public void close(Status status, Metadata sent) {
              byte[] echo = received.get(ECHO_BIN);
              if (echo != null) {
                sent.put(ECHO_BIN, echo);
              }
              sent.merge(added);
              super.close(status, sent);
            }
          },
          received);
    }
  }
}
