package io.inferencerouter.benchmarks.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.grpc.EndpointChannels;
import io.inferencerouter.grpc.RoutingChannel;
import java.io.IOException;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Unary calls to a server in the same process that answers at once: what is left is what stubs,
 * channels and routing do. The bare channel and the four of the routing channel lead to the same
 * server.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls start() before anything else
public class InProcessCalls {
  private static final int ENDPOINTS = 4;
  private static final String SERVER = "inference-router-benchmark";
  private static final byte[] MESSAGE = new byte[256];

  private static final MethodDescriptor<byte[], byte[]> UNARY =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("benchmark.Echo/Unary")
          .setRequestMarshaller(new BytesMarshaller())
          .setResponseMarshaller(new BytesMarshaller())
          .build();

  private Server server;
  private InferenceRouter router;
  private ManagedChannel bare;
  private ManagedChannel routed;

  /** Starts server, router and channels. */
  @Setup(Level.Trial)
  public void start() throws IOException {
    server =
        InProcessServerBuilder.forName(SERVER)
            .directExecutor()
            .addService(
                ServerServiceDefinition.builder("benchmark.Echo")
                    .addMethod(
                        UNARY,
                        ServerCalls.asyncUnaryCall(
                            (request, answers) -> {
                              answers.onNext(request);
                              answers.onCompleted();
                            }))
                    .build())
            .build()
            .start();
    bare = connect();
    EndpointChannels channels = EndpointChannels.of(endpoint -> connect());
    InferenceRouters.Builder builder = InferenceRouters.builder();
    for (int i = 0; i < ENDPOINTS; i++) {
      builder.endpoint(Endpoint.of("gpu-" + i, "http://gpu-" + i + ":8001"));
    }
    router = builder.build();
    routed = RoutingChannel.create(router, channels);
  }

  private static ManagedChannel connect() {
    return InProcessChannelBuilder.forName(SERVER).directExecutor().build();
  }

  /** Ends them. */
  @TearDown(Level.Trial)
  public void stop() {
    bare.shutdownNow();
    routed.shutdownNow();
    router.close();
    server.shutdownNow();
  }

  /** A call of a blocking stub on a channel of its own. */
  public byte[] bare() {
    return ClientCalls.blockingUnaryCall(bare, UNARY, CallOptions.DEFAULT, MESSAGE);
  }

  /** The same call on a routing channel. */
  public byte[] routed() {
    return ClientCalls.blockingUnaryCall(routed, UNARY, CallOptions.DEFAULT, MESSAGE);
  }
}
