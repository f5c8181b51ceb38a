package io.inferencerouter.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** What the statuses of gRPC stand for. */
final class Outcomes {
  private Outcomes() {}

  /** The outcome of an attempt that ended with this status. */
  static Outcome of(Status status, Metadata trailers) {
    return switch (status.getCode()) {
      case OK -> Outcome.success();
      case CANCELLED -> Outcome.cancelled();
      case DEADLINE_EXCEEDED -> Outcome.timeout();
      case RESOURCE_EXHAUSTED -> rateLimited(trailers);
      case UNAVAILABLE, INTERNAL, UNKNOWN, DATA_LOSS -> Outcome.serverFault();
      case INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          UNAUTHENTICATED ->
          Outcome.rejected();
    };
  }

  /**
   * The status of an attempt whose answer the server has not ended. A connection that breaks while
   * something is written is reported as an unknown failure by gRPC's transport; here it is what
   * every other lost connection is.
   */
  static Status ofTransport(Status status) {
    boolean unclear =
        status.getCode() == Status.Code.UNKNOWN || status.getCode() == Status.Code.INTERNAL;
    return unclear && isConnectionLost(status.getCause())
        ? Status.UNAVAILABLE.withDescription(status.getDescription()).withCause(status.getCause())
        : status;
  }

  /** A status that has come from a server has no cause; an answer that is garbled has this one. */
  private static boolean isConnectionLost(@Nullable Throwable cause) {
    return cause instanceof IOException && !(cause instanceof ZipException);
  }

  private static Outcome rateLimited(Metadata trailers) {
    Duration retryAfter = Pushback.retryAfter(trailers);
    return retryAfter == null ? Outcome.rateLimited() : Outcome.rateLimited(retryAfter);
  }
}
