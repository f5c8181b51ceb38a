package io.inferencerouter.grpc;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import java.util.ArrayList;
import java.util.List;

/**
 * Which endpoints have both a slot and a stream: the router knows of the one, channels of the
 * other.
 */
final class Elsewhere {
  private final InferenceRouter router;
  private final EndpointChannels channels;

  Elsewhere(InferenceRouter router, EndpointChannels channels) {
    this.router = router;
    this.channels = channels;
  }

  /** Whether there is an endpoint to go to in the place of the lease's. */
  boolean existsFor(Lease lease) {
    for (EndpointSnapshot other : router.snapshot().endpoints()) {
      Endpoint endpoint = other.endpoint();
      if (hasRoom(other)
          && !endpoint.id().equals(lease.endpoint().id())
          && serves(endpoint, lease.model())) {
        return true;
      }
    }
    return false;
  }

  /** The endpoints that have both a slot and a stream. */
  List<Endpoint> endpointsWithRoom() {
    List<Endpoint> free = new ArrayList<>();
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      if (hasRoom(endpoint)) {
        free.add(endpoint.endpoint());
      }
    }
    return free;
  }

  private boolean hasRoom(EndpointSnapshot endpoint) {
    return endpoint.lifecycle().isRoutable()
        && endpoint.inFlight() < endpoint.endpoint().maxConcurrency()
        && !channels.isFull(endpoint.endpoint());
  }

  private static boolean serves(Endpoint endpoint, String model) {
    return model.isEmpty()
        || endpoint.models().isEmpty()
        || endpoint.models().stream().anyMatch(served -> served.name().equals(model));
  }
}
