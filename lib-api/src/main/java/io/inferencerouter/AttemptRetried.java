package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An attempt failed, and the request will be sent again; or another one in its place, for the rest
 * of an answer of which the beginning was {@linkplain Attempts#continuation received}. Immutable.
 */
public final class AttemptRetried {
  private final InferenceRequest request;
  private final Endpoint endpoint;
  private final Outcome outcome;
  private final int attempt;
  private final Duration backoff;
  private final double budgetLeft;
  private final @Nullable Revocation revocation;

  /**
   * Creates the event of an attempt that failed by itself.
   *
   * @param attempt which attempt of the request failed, 1 or more
   * @param backoff the wait until the next attempt, not negative
   * @param budgetLeft how many more retries the budget allowed at that moment, 0 or more
   */
  public AttemptRetried(
      InferenceRequest request,
      Endpoint endpoint,
      Outcome outcome,
      int attempt,
      Duration backoff,
      double budgetLeft) {
    this(request, endpoint, outcome, attempt, backoff, budgetLeft, null);
  }

  /**
   * Creates the event.
   *
   * @param attempt which attempt of the request failed, 1 or more
   * @param backoff the wait until the next attempt, not negative
   * @param budgetLeft how many more retries the budget allowed at that moment, 0 or more
   * @param revocation why the router took the attempt back; null if it did not
   */
  public AttemptRetried(
      InferenceRequest request,
      Endpoint endpoint,
      Outcome outcome,
      int attempt,
      Duration backoff,
      double budgetLeft,
      @Nullable Revocation revocation) {
    this.request = Objects.requireNonNull(request, "request");
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    this.outcome = Objects.requireNonNull(outcome, "outcome");
    this.attempt = Require.range("attempt", attempt, 1, Integer.MAX_VALUE);
    this.backoff = Require.notNegative("backoff", backoff);
    this.budgetLeft = Require.range("budgetLeft", budgetLeft, 0, Double.MAX_VALUE);
    this.revocation = revocation;
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

  /** How long the request waits before it is sent again. */
  public Duration backoff() {
    return backoff;
  }

  /**
   * How many more retries were allowed at that moment, by the budget that this one counted against.
   */
  public double budgetLeft() {
    return budgetLeft;
  }

  /** Why the router took the attempt back; empty if it failed by itself. */
  public Optional<Revocation> revocation() {
    return Optional.ofNullable(revocation);
  }

  @Override
  public String toString() {
    return "AttemptRetried[attempt "
        + attempt
        + " on "
        + endpoint.id()
        + ": "
        + outcome
        + (revocation == null ? "" : " (" + revocation + ")")
        + ", again after "
        + backoff
        + "]";
  }
}
