package io.inferencerouter;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The state of a router at one moment. Immutable. */
public final class RouterSnapshot {
  private final List<EndpointSnapshot> endpoints;
  private final int queued;

  /** Creates a snapshot. */
  public RouterSnapshot(List<EndpointSnapshot> endpoints, int queued) {
    this.endpoints = List.copyOf(endpoints);
    this.queued = queued;
  }

  /** The endpoints, those that drain included, in the order in which they were given. */
  public List<EndpointSnapshot> endpoints() {
    return endpoints;
  }

  /** The endpoint with this id. */
  public Optional<EndpointSnapshot> endpoint(String id) {
    Objects.requireNonNull(id, "id");
    return endpoints.stream().filter(e -> e.endpoint().id().equals(id)).findFirst();
  }

  /** How many requests are in flight on all endpoints together. */
  public int inFlight() {
    return endpoints.stream().mapToInt(EndpointSnapshot::inFlight).sum();
  }

  /** How many requests wait for a slot. */
  public int queued() {
    return queued;
  }

  @Override
  public String toString() {
    return "RouterSnapshot[queued " + queued + ", " + endpoints + "]";
  }
}
