package io.inferencerouter.benchmarks.soak;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A gRPC server that answers in a {@link Mood}. */
final class FaultyGrpcServer extends FaultyEndpoint {
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private static final byte[] WORD = new byte[64];
  private static final int WORDS = 8;
  private static final int HANG_MILLIS = 3_000;
  private static final int STOP_SECONDS = 10;

  private final ExecutorService threads;
  private @Nullable Server server;

  /** Starts a server on a free port. */
  FaultyGrpcServer(String id, ExecutorService threads) throws IOException {
    super(id);
    this.threads = threads;
    restart();
  }

  @Override
  int listen(int at) throws IOException {
    Server opened =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), at))
            .executor(threads)
            .addService(
                ServerServiceDefinition.builder(GrpcInference.SERVICE)
                    .addMethod(GrpcInference.EMBED, this::begin)
                    .addMethod(GrpcInference.CHAT, this::begin)
                    .build())
            .build()
            .start();
    server = opened;
    return opened.getPort();
  }

  @Override
  void breakOff() throws IOException {
    Server open = server;
    if (open == null) {
      return;
    }
    open.shutdownNow();
    try {
      if (!open.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(id() + ": does not end (expected: within " + STOP_SECONDS + " s)");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ServerCall.Listener<byte[]> begin(ServerCall<byte[], byte[]> call, Metadata headers) {
    call.request(2);
    return new ServerCall.Listener<>() {
      @Override
      public void onHalfClose() {
        try {
          answer(call);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          call.close(Status.UNAVAILABLE.withDescription("stopping"), new Metadata());
        }
      }
    };
  }

  private void answer(ServerCall<byte[], byte[]> call) throws InterruptedException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    Metadata trailers = new Metadata();
    Status status =
        switch (mood()) {
          case WELL -> words(call, 1);
          case SLOW -> {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(20, 200));
            yield words(call, 10);
          }
          case FAILING -> Status.UNAVAILABLE.withDescription("ill");
          case LIMITING -> {
            if (random.nextBoolean()) {
              trailers.put(PUSHBACK, "1000");
            }
            yield Status.RESOURCE_EXHAUSTED;
          }
          case RESETTING -> Status.CANCELLED;
          case CUTTING -> {
            call.sendHeaders(new Metadata());
            call.sendMessage(WORD);
            TimeUnit.MILLISECONDS.sleep(random.nextInt(20));
            yield Status.UNAVAILABLE.withDescription("cut");
          }
          case SILENT -> {
            TimeUnit.MILLISECONDS.sleep(HANG_MILLIS);
            yield Status.UNAVAILABLE.withDescription("silent");
          }
        };
    call.close(status, trailers);
  }

  private static Status words(ServerCall<byte[], byte[]> call, int betweenMillis)
      throws InterruptedException {
    call.sendHeaders(new Metadata());
    boolean isStream = call.getMethodDescriptor().getType() == MethodType.SERVER_STREAMING;
    call.sendMessage(WORD);
    for (int i = 1; isStream && i < WORDS && !call.isCancelled(); i++) {
      TimeUnit.MILLISECONDS.sleep(betweenMillis);
      call.sendMessage(WORD);
    }
    return Status.OK;
  }
}
