package io.inferencerouter.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** What the statuses of gRPC stand for. */
final class Outcomes {
  private Outcomes() {}

  /** What transports say of a stream that its server has refused without looking at it. */
  private static final Pattern UNSEEN =
      Pattern.compile(
          "REFUSED_STREAM|Refused stream|Abrupt GOAWAY closed .*HTTP/2 error code: NO_ERROR");

  /** What clients and servers in Java, Go and C++ say of a message above their limit. */
  private static final Pattern TOO_LARGE =
      Pattern.compile("message exceeds maximum size|message larger than max");

  /**
   * What clients in Java say of a stream that was reset, or of what is no HTTP/2: those over Netty,
   * and in the last place those over OkHttp.
   */
  private static final Pattern BROKEN =
      Pattern.compile("HTTP/2 error code|http2 exception|Rst Stream");

  /** The outcome of an attempt that ended with this status. */
  static Outcome of(Status status, Metadata trailers) {
    return switch (status.getCode()) {
      case OK -> Outcome.success();
      case CANCELLED -> Outcome.cancelled();
      case DEADLINE_EXCEEDED -> Outcome.timeout();
      case RESOURCE_EXHAUSTED -> isTooLarge(status) ? Outcome.rejected() : rateLimited(trailers);
      case UNAVAILABLE -> unavailable(trailers);
      case INTERNAL, UNKNOWN, DATA_LOSS -> Outcome.serverFault();
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

  /**
   * Whether a call was cancelled, and nobody says why. What is cancelled because something in this
   * process has failed, such as a listener, has a cause.
   */
  static boolean isCancel(Status status) {
    return status.getCode() == Status.Code.CANCELLED && status.getCause() == null;
  }

  /**
   * What it means that a server cancels a call whose caller has not: it does not want to go on, as
   * when it is shut down at once.
   */
  static Status ofServersCancel(Status status) {
    return Status.UNAVAILABLE.withDescription(status.getDescription());
  }

  /**
   * Whether a status, of an attempt whose answer the server has not ended, says that the server has
   * not looked at it (RFC 9113, section 8.7): it has as many streams as it wants, or is about to
   * go. That is no failure, and the call may be made elsewhere whatever it is.
   */
  static boolean isUnseen(Status status) {
    String description = status.getDescription();
    return status.getCode() == Status.Code.UNAVAILABLE
        && description != null
        && UNSEEN.matcher(description).find();
  }

  /**
   * Whether a status, of an attempt whose answer the server has not ended, says that the stream or
   * the connection broke: the server has not said that it failed, so another one may not. Whether
   * something of the answer has come is not asked here.
   */
  static boolean isBroken(Status status) {
    String description = status.getDescription();
    return status.getCode() == Status.Code.INTERNAL
        && description != null
        && BROKEN.matcher(description).find();
  }

  /** A status that has come from a server has no cause; an answer that is garbled has this one. */
  private static boolean isConnectionLost(@Nullable Throwable cause) {
    return cause instanceof IOException && !(cause instanceof ZipException);
  }

  /** Whether a status says that another endpoint, or another time, may do better. */
  static boolean mayPass(Status status) {
    return switch (status.getCode()) {
      case UNAVAILABLE -> true;
      case RESOURCE_EXHAUSTED -> !isTooLarge(status);
      default -> false;
    };
  }

  /** Whether it is a message that is too large, which has the status of an exhausted quota. */
  private static boolean isTooLarge(Status status) {
    return status.getDescription() != null && TOO_LARGE.matcher(status.getDescription()).find();
  }

  private static Outcome unavailable(Metadata trailers) {
    Duration retryAfter = Pushback.retryAfter(trailers);
    return retryAfter == null
        ? Outcome.serverFault()
        : Outcome.serverFault().withRetryAfter(retryAfter);
  }

  private static Outcome rateLimited(Metadata trailers) {
    Duration retryAfter = Pushback.retryAfter(trailers);
    return retryAfter == null ? Outcome.rateLimited() : Outcome.rateLimited(retryAfter);
  }
}
