package consumer;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.grpc.EndpointChannels;
import io.inferencerouter.grpc.RoutingChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Sends a question to a server on loopback and fails unless it gets there and back. */
public final class Consumer {
  private static final String QUESTION = "Hello";

  private static final MethodDescriptor<String, String> ECHO =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("consumer.Echo/Echo")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  private Consumer() {}

  public static void main(String[] args) throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                ServerServiceDefinition.builder("consumer.Echo")
                    .addMethod(
                        ECHO,
                        ServerCalls.asyncUnaryCall(
                            (String question, StreamObserver<String> answers) -> {
                              answers.onNext(question);
                              answers.onCompleted();
                            }))
                    .build())
            .build()
            .start();
    EndpointChannels channels = EndpointChannels.of(Consumer::connect);
    Endpoint endpoint = Endpoint.of("a", "http://127.0.0.1:" + server.getPort());
    try (InferenceRouter router =
        InferenceRouters.builder().listener(channels).endpoint(endpoint).build()) {
      RoutingChannel channel = RoutingChannel.create(router, channels);
      String echoed = ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, QUESTION);
      require(echoed.equals(QUESTION), "echoed: " + echoed);
      require(router.snapshot().inFlight() == 0, "in flight: " + router.snapshot().inFlight());
      channel.shutdown();
      require(channel.awaitTermination(10, TimeUnit.SECONDS), "channel: open");
    } finally {
      server.shutdownNow();
    }
    Module module = Consumer.class.getModule();
    String moduleName = module.isNamed() ? module.getName() : "unnamed";
    require(args[0].equals(moduleName), "module: " + moduleName);
  }

  private static ManagedChannel connect(Endpoint endpoint) {
    return NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
        .usePlaintext()
        .build();
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }

  /** Messages that are texts: no protobuf runtime is needed. */
  private static final class Text implements Marshaller<String> {
    @Override
    public InputStream stream(String text) {
      return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream bytes) {
      try {
        return new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
