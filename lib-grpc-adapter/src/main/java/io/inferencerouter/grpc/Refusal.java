package io.inferencerouter.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.AttemptsExhaustedException;
import io.inferencerouter.Endpoint;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.Revocation;
import io.inferencerouter.RouterClosedException;
import org.jspecify.annotations.Nullable;

/**
 * How a call ends that got no lease, or that ends before it was sent: made here, without a peer.
 */
record Refusal(Status status, Metadata trailers) {
  static final Refusal SHUT_DOWN =
      of(Status.UNAVAILABLE.withDescription("Channel shutdown invoked"));
  static final Refusal SHUT_DOWN_NOW =
      of(Status.UNAVAILABLE.withDescription("Channel shutdownNow invoked"));

  static Refusal of(Status status) {
    return new Refusal(status, new Metadata());
  }

  /** What a refusal of the router looks like to the caller. */
  static Refusal by(Throwable reason) {
    String message = String.valueOf(reason.getMessage());
    if (reason instanceof OverloadedException shed) {
      if (shed.reason() == OverloadedException.Reason.DEADLINE) {
        return of(Status.DEADLINE_EXCEEDED.withDescription(message).withCause(shed));
      }
      return new Refusal(
          Status.RESOURCE_EXHAUSTED.withDescription(message).withCause(shed),
          Pushback.trailers(Status.Code.RESOURCE_EXHAUSTED.value(), message, shed.retryAfter()));
    }
    if (reason instanceof NoEndpointException none) {
      return of(code(none.reason()).toStatus().withDescription(message).withCause(none));
    }
    if (reason instanceof RouterClosedException) {
      return of(Status.UNAVAILABLE.withDescription(message).withCause(reason));
    }
    return of(Status.INTERNAL.withDescription("router: failed to grant a lease").withCause(reason));
  }

  /** The channel of an endpoint could not be made, or used. */
  static Refusal byChannel(Endpoint endpoint, Throwable failure) {
    Status status = Status.fromThrowable(failure);
    return of(
        status.getCode() != Status.Code.UNKNOWN
            ? status
            : Status.UNAVAILABLE
                .withDescription(
                    "channel of endpoint "
                        + endpoint.id()
                        + ": failed with "
                        + failure
                        + " (expected: a channel that takes calls)")
                .withCause(failure));
  }

  /**
   * The same, because there is no other attempt: that is its cause, and has the one from before.
   */
  Refusal because(AttemptsExhaustedException why) {
    if (status.getCause() != null) {
      why.initCause(status.getCause());
    }
    return new Refusal(status.withCause(why), trailers);
  }

  /** The router has taken the attempt back. */
  static Refusal takenBack(Revocation why) {
    Status status = why == Revocation.RECLAIMED ? Status.ABORTED : Status.UNAVAILABLE;
    return of(status.withDescription("attempt: taken back by the router (" + why + ")"));
  }

  private static Status.Code code(NoEndpointException.Reason reason) {
    return switch (reason) {
      case UNKNOWN_MODEL, UNKNOWN_VERSION -> Status.Code.NOT_FOUND;
      case REGION -> Status.Code.FAILED_PRECONDITION;
      default -> Status.Code.UNAVAILABLE;
    };
  }

  /** The caller cancelled, or what it runs in was. */
  static Refusal cancelled(@Nullable String message, @Nullable Throwable cause) {
    Status status =
        Status.CANCELLED.withDescription(
            message != null ? message : "Call cancelled without message");
    return of(cause == null ? status : status.withCause(cause));
  }
}
