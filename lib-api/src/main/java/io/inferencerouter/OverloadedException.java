package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;

/** Thrown when a request is shed: it could be served, but not now. */
public final class OverloadedException extends InferenceRouterException {
  private static final long serialVersionUID = 1L;

  /** Why the request was shed. */
  public enum Reason {
    /** All slots are taken, or the memory is reserved, and the request may not wait. */
    NO_FREE_SLOT,
    /** All slots are taken, or the memory is reserved, and the queue is full. */
    QUEUE_FULL,
    /** No slot, or not enough memory, came free while the request waited. */
    QUEUE_TIMEOUT,
    /** The request's deadline passed while it waited. */
    DEADLINE,
    /** A quota is used up. */
    QUOTA
  }

  private final Reason reason;
  private final Duration retryAfter;

  /** Creates the exception; the message says what is full and what to do. */
  public OverloadedException(Reason reason, Duration retryAfter, String message) {
    super(message);
    this.reason = Objects.requireNonNull(reason, "reason");
    this.retryAfter = Require.notNegative("retryAfter", retryAfter);
  }

  /** Why the request was shed. */
  public Reason reason() {
    return reason;
  }

  /** After which time it makes sense to try again. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
