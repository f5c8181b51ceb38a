package io.inferencerouter;

import java.util.Objects;

/** An attempt failed, and the request will not be sent again. Immutable. */
public final class RetryRefused {
  /** Why there is no other attempt. */
  public enum Reason {
    /** The request may have been processed, and it is not known that doing so twice is harmless. */
    UNSAFE,
    /** As many attempts were made as one request may have. */
    ATTEMPTS,
    /** The wait would have lasted beyond the deadline, or longer than a request may wait. */
    DEADLINE,
    /** Too large a share of all requests is being retried. */
    BUDGET
  }

  private final InferenceRequest request;
  private final Endpoint endpoint;
  private final Outcome outcome;
  private final int attempt;
  private final Reason reason;

  /**
   * Creates the event.
   *
   * @param attempt which attempt of the request failed, 1 or more
   */
  public RetryRefused(
      InferenceRequest request, Endpoint endpoint, Outcome outcome, int attempt, Reason reason) {
    this.request = Objects.requireNonNull(request, "request");
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    this.outcome = Objects.requireNonNull(outcome, "outcome");
    this.attempt = Require.range("attempt", attempt, 1, Integer.MAX_VALUE);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /** The request, as it was first asked for. */
  public InferenceRequest request() {
    return request;
  }

  /** Where the attempt failed. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** How it failed. */
  public Outcome outcome() {
    return outcome;
  }

  /** Which attempt of the request failed; 1 is the first. */
  public int attempt() {
    return attempt;
  }

  /** Why there is no other attempt. */
  public Reason reason() {
    return reason;
  }

  @Override
  public String toString() {
    return "RetryRefused[attempt "
        + attempt
        + " on "
        + endpoint.id()
        + ": "
        + outcome
        + ", not again: "
        + reason
        + "]";
  }
}
