package io.inferencerouter.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Outcome;
import java.time.Duration;

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

  private static Outcome rateLimited(Metadata trailers) {
    Duration retryAfter = Pushback.retryAfter(trailers);
    return retryAfter == null ? Outcome.rateLimited() : Outcome.rateLimited(retryAfter);
  }
}
