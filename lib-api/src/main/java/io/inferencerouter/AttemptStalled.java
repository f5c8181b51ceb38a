package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An attempt at a streaming request has made no progress for far longer than was to be expected of
 * it. Told once for each time that a stream stops. Immutable.
 */
public final class AttemptStalled {
  private final InferenceRequest request;
  private final Endpoint endpoint;
  private final boolean begun;
  private final Duration idle;
  private final Duration expected;
  private final Duration limit;
  private final @Nullable Revocation revocation;

  /**
   * Creates the event.
   *
   * @param begun whether the first token had come
   * @param idle the time without progress, not negative
   * @param expected the predicted time to the first token, or the rhythm of the stream; not
   *     negative
   * @param limit the longest time that would have been taken for usual, not negative
   * @param revocation what the router asks for; null if it only reports
   */
  public AttemptStalled(
      InferenceRequest request,
      Endpoint endpoint,
      boolean begun,
      Duration idle,
      Duration expected,
      Duration limit,
      @Nullable Revocation revocation) {
    this.request = Objects.requireNonNull(request, "request");
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    this.begun = begun;
    this.idle = Require.notNegative("idle", idle);
    this.expected = Require.notNegative("expected", expected);
    this.limit = Require.notNegative("limit", limit);
    this.revocation = revocation;
  }

  /** The request of the attempt. */
  public InferenceRequest request() {
    return request;
  }

  /** Where it was sent. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Whether the first token had come. */
  public boolean begun() {
    return begun;
  }

  /** How long there was no progress. */
  public Duration idle() {
    return idle;
  }

  /** The predicted time to the first token or, after it, the rhythm of the stream. */
  public Duration expected() {
    return expected;
  }

  /** From where on the time without progress counts as a stall. */
  public Duration limit() {
    return limit;
  }

  /** What the router asks of whoever uses the lease; empty if it only reports. */
  public Optional<Revocation> revocation() {
    return Optional.ofNullable(revocation);
  }

  @Override
  public String toString() {
    return "AttemptStalled["
        + endpoint.id()
        + (begun ? ", in the stream" : ", before the first token")
        + ": no progress for "
        + idle
        + " (expected "
        + expected
        + ", limit "
        + limit
        + ")"
        + (revocation == null ? "" : ", " + revocation)
        + "]";
  }
}
