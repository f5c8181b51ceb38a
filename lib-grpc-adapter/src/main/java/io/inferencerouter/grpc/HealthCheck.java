package io.inferencerouter.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.inferencerouter.grpc.internal.wire.BytesMarshaller;
import io.inferencerouter.grpc.internal.wire.HealthMessages;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One call of {@code grpc.health.v1.Health/Check}. */
final class HealthCheck extends ClientCall.Listener<byte[]> {
  private static final MethodDescriptor<byte[], byte[]> CHECK =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("grpc.health.v1.Health/Check")
          .setRequestMarshaller(new BytesMarshaller())
          .setResponseMarshaller(new BytesMarshaller())
          .setSafe(true)
          .setIdempotent(true)
          .build();

  private final CompletableFuture<ServingStatus> result = new CompletableFuture<>();
  private final Runnable ended;
  private ServingStatus received = ServingStatus.UNKNOWN;

  private HealthCheck(Runnable ended) {
    this.ended = ended;
  }

  /**
   * Asks.
   *
   * @param ended runs when the call has ended
   */
  static CompletableFuture<ServingStatus> start(
      EndpointChannel channel, Metadata headers, String service, Duration timeout, Runnable ended) {
    HealthCheck check = new HealthCheck(ended);
    ClientCall<byte[], byte[]> call =
        channel
            .channel()
            .newCall(
                CHECK,
                CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS));
    var unused =
        check.result.whenComplete(
            (status, failure) -> {
              if (check.result.isCancelled()) {
                call.cancel("the check is not wanted any more", failure);
              }
            });
    call.start(check, headers);
    call.request(2);
    call.sendMessage(HealthMessages.request(service));
    call.halfClose();
    return check.result;
  }

  @Override
  public void onMessage(byte[] response) {
    received = ServingStatus.of(HealthMessages.status(response));
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    ended.run();
    switch (status.getCode()) {
      case OK -> result.complete(received);
      case NOT_FOUND -> result.complete(ServingStatus.SERVICE_UNKNOWN);
      case UNIMPLEMENTED -> result.complete(ServingStatus.UNIMPLEMENTED);
      default -> result.completeExceptionally(status.asRuntimeException(trailers));
    }
  }
}
