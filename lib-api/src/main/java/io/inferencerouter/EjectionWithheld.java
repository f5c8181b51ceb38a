package io.inferencerouter;

import java.util.Objects;

/**
 * An endpoint would have been ejected, but too few would have been left: it stays in use. Told once
 * until it recovers. Immutable.
 */
public final class EjectionWithheld {
  private final Endpoint endpoint;
  private final EjectionReason reason;
  private final String model;
  private final int usable;
  private final int members;

  /** Creates the event; see the accessors. */
  public EjectionWithheld(
      Endpoint endpoint, EjectionReason reason, String model, int usable, int members) {
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    this.reason = Objects.requireNonNull(reason, "reason");
    this.model = Objects.requireNonNull(model, "model");
    this.usable = usable;
    this.members = members;
  }

  /** The endpoint. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Why it would have been ejected. */
  public EjectionReason reason() {
    return reason;
  }

  /** The model that would have had too few endpoints; empty for models that none declares. */
  public String model() {
    return model;
  }

  /** How many endpoints of that model take requests. */
  public int usable() {
    return usable;
  }

  /** How many endpoints serve that model, ejected or not. */
  public int members() {
    return members;
  }

  @Override
  public String toString() {
    return "EjectionWithheld["
        + endpoint.id()
        + ": "
        + reason
        + ", but only "
        + usable
        + " of "
        + members
        + (model.isEmpty() ? "" : " for model " + model)
        + " usable]";
  }
}
