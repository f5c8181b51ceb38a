package io.inferencerouter;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The state of a router at one moment. Immutable. */
public final class RouterSnapshot {
  private final List<EndpointSnapshot> endpoints;
  private final int queued;
  private final long reclaimed;

  /** Creates a snapshot of a router that has reclaimed no lease. */
  public RouterSnapshot(List<EndpointSnapshot> endpoints, int queued) {
    this(endpoints, queued, 0);
  }

  /** Creates a snapshot. */
  public RouterSnapshot(List<EndpointSnapshot> endpoints, int queued, long reclaimed) {
    this.endpoints = List.copyOf(endpoints);
    this.queued = queued;
    this.reclaimed = reclaimed;
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

  /** How many leases were taken for lost, and ended, since the router was built. */
  public long reclaimed() {
    return reclaimed;
  }

  @Override
  public String toString() {
    return "RouterSnapshot[queued "
        + queued
        + (reclaimed == 0 ? "" : ", reclaimed " + reclaimed)
        + ", "
        + endpoints
        + "]";
  }
}
