package io.inferencerouter;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An endpoint entered another stage of its life. Immutable. */
public final class EndpointChanged {
  private final Endpoint endpoint;
  private final @Nullable Lifecycle from;
  private final Lifecycle to;
  private final String cause;

  /**
   * Creates the event.
   *
   * @param from the stage before; null for an endpoint that has just joined
   * @param cause what made it change, in a few words
   */
  public EndpointChanged(Endpoint endpoint, @Nullable Lifecycle from, Lifecycle to, String cause) {
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    this.from = from;
    this.to = Objects.requireNonNull(to, "to");
    this.cause = Objects.requireNonNull(cause, "cause");
  }

  /** The endpoint. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** The stage before; empty for an endpoint that has just joined. */
  public Optional<Lifecycle> from() {
    return Optional.ofNullable(from);
  }

  /** The stage now. */
  public Lifecycle to() {
    return to;
  }

  /** What made it change, in a few words. */
  public String cause() {
    return cause;
  }

  @Override
  public String toString() {
    return "EndpointChanged["
        + endpoint.id()
        + ": "
        + from().map(Lifecycle::toString).orElse("new")
        + " → "
        + to
        + ", "
        + cause
        + "]";
  }
}
