package io.inferencerouter;

import java.util.Objects;

/**
 * Says why no attempt has followed one that could have been repeated: how many were made, what
 * forbids another one, and the state of each endpoint. A router does not throw it: it is
 * {@linkplain Throwable#getSuppressed suppressed} in the failure of the last attempt, or its cause
 * where a transport has no exceptions of its own.
 */
public final class AttemptsExhaustedException extends InferenceRouterException {
  private static final long serialVersionUID = 1L;

  private final RetryRefused.Reason reason;

  /** Creates the exception; the message says what was tried and how the endpoints are. */
  public AttemptsExhaustedException(RetryRefused.Reason reason, String message) {
    super(message);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /** What forbids another attempt. */
  public RetryRefused.Reason reason() {
    return reason;
  }
}
