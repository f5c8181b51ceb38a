package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;

/** An endpoint that was ejected takes requests again. Immutable. */
public final class EndpointReturned {
  private final Endpoint endpoint;
  private final EjectionReason reason;
  private final String cause;
  private final Duration away;

  /** Creates the event; see the accessors. */
  public EndpointReturned(Endpoint endpoint, EjectionReason reason, String cause, Duration away) {
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    this.reason = Objects.requireNonNull(reason, "reason");
    this.cause = Objects.requireNonNull(cause, "cause");
    this.away = Objects.requireNonNull(away, "away");
  }

  /** The endpoint. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Why it had been ejected. */
  public EjectionReason reason() {
    return reason;
  }

  /** What brought it back, in a few words. */
  public String cause() {
    return cause;
  }

  /** How long it was away. */
  public Duration away() {
    return away;
  }

  @Override
  public String toString() {
    return "EndpointReturned["
        + endpoint.id()
        + ": "
        + cause
        + ", away for "
        + away
        + " because of "
        + reason
        + "]";
  }
}
