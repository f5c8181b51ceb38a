package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A lease was out for so long without a sign of life that the router has taken it for lost, and has
 * ended it as {@linkplain Outcome#cancelled cancelled}. Somebody has forgotten to complete it, or
 * to close a response. Immutable.
 */
public final class LeaseReclaimed {
  private final InferenceRequest request;
  private final Endpoint endpoint;
  private final Duration age;
  private final @Nullable Throwable acquiredAt;

  /**
   * Creates the event.
   *
   * @param age the time since the lease was acquired, not negative
   * @param acquiredAt a throwable with the stack trace of the acquisition; null if not recorded
   */
  public LeaseReclaimed(
      InferenceRequest request, Endpoint endpoint, Duration age, @Nullable Throwable acquiredAt) {
    this.request = Objects.requireNonNull(request, "request");
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    this.age = Require.notNegative("age", age);
    this.acquiredAt = acquiredAt;
  }

  /** The request the lease was acquired for. */
  public InferenceRequest request() {
    return request;
  }

  /** The endpoint that has its slot back. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** How long the lease was out. */
  public Duration age() {
    return age;
  }

  /**
   * A throwable with the stack trace of the acquisition, for a log; empty unless the router was
   * told to record it. A lease that was waited for shows the thread that granted it.
   */
  public Optional<Throwable> acquiredAt() {
    return Optional.ofNullable(acquiredAt);
  }

  @Override
  public String toString() {
    return "LeaseReclaimed[" + endpoint.id() + ", out for " + age + ", " + request + "]";
  }
}
