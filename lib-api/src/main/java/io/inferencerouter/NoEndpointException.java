package io.inferencerouter;

import java.util.Objects;

/**
 * Thrown when there is no endpoint that may serve a request; waiting would not help, a change of
 * the set would.
 */
public final class NoEndpointException extends InferenceRouterException {
  private static final long serialVersionUID = 1L;

  /** Why there is none. */
  public enum Reason {
    /** The router has no endpoints at all. */
    NO_ENDPOINTS,
    /** No endpoint serves the model, nor any of the fallback models. */
    UNKNOWN_MODEL,
    /** The model is served, but not in the required version. */
    UNKNOWN_VERSION,
    /** The model is served, but in none of the allowed regions. */
    REGION,
    /** The endpoints that serve the model are all ejected or draining. */
    UNAVAILABLE
  }

  private final Reason reason;

  /** Creates the exception; the message says what was asked for and what to do. */
  public NoEndpointException(Reason reason, String message) {
    super(message);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /** Why there is none. */
  public Reason reason() {
    return reason;
  }
}
