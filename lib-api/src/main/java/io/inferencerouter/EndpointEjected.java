package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;

/** An endpoint gets no requests for a while, or for longer than before. Immutable. */
public final class EndpointEjected {
  private final Endpoint endpoint;
  private final EjectionReason reason;
  private final Duration duration;
  private final int ejected;
  private final int members;

  /** Creates the event; see the accessors. */
  public EndpointEjected(
      Endpoint endpoint, EjectionReason reason, Duration duration, int ejected, int members) {
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    this.reason = Objects.requireNonNull(reason, "reason");
    this.duration = Objects.requireNonNull(duration, "duration");
    this.ejected = ejected;
    this.members = members;
  }

  /** The endpoint. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Why, with the numbers. */
  public EjectionReason reason() {
    return reason;
  }

  /** For how long, from now on. */
  public Duration duration() {
    return duration;
  }

  /** How many endpoints of the router are ejected now, this one included. */
  public int ejected() {
    return ejected;
  }

  /** How many endpoints the router has, those that drain not counted. */
  public int members() {
    return members;
  }

  @Override
  public String toString() {
    return "EndpointEjected["
        + endpoint.id()
        + ": for "
        + duration
        + ", "
        + reason
        + ", "
        + ejected
        + " of "
        + members
        + " ejected]";
  }
}
