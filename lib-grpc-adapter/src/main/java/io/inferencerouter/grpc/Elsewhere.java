package io.inferencerouter.grpc;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for another endpoint where the router's choice is one that a call has been tried on before,
 * or one that has no stream for it.
 *
 * <p>The router knows neither, so it is asked again, a few times at most, while the leases that are
 * no good are kept: they make their endpoints look busy. It is asked only when there is an endpoint
 * that might come of it, so that no request is counted as shed that is not.
 */
final class Elsewhere {
  private static final int MAX_QUESTIONS = 4;

  private final InferenceRouter router;
  private final EndpointChannels channels;

  Elsewhere(InferenceRouter router, EndpointChannels channels) {
    this.router = router;
    this.channels = channels;
  }

  /** The same lease if it will do or if there is no better one; else a better one in its place. */
  Lease preferred(Lease granted, Tried tried) {
    Lease better = isToAvoid(granted.endpoint(), tried) ? better(granted, tried) : null;
    if (better == null) {
      return granted;
    }
    granted.close();
    return better;
  }

  /** A lease of an endpoint to go to in the place of the given one's; null if there is none. */
  @Nullable Lease better(Lease granted, Tried tried) {
    if (!existsFor(granted, tried)) {
      return null;
    }
    List<Lease> refused = new ArrayList<>(MAX_QUESTIONS);
    Lease chosen = null;
    for (int i = 0; i < MAX_QUESTIONS && chosen == null; i++) {
      Lease next;
      try {
        next = router.acquire(granted.request());
      } catch (InferenceRouterException nothingFree) {
        break;
      }
      if (isToAvoid(next.endpoint(), tried)) {
        refused.add(next);
      } else {
        chosen = next;
      }
    }
    refused.forEach(Lease::close);
    return chosen;
  }

  private boolean isToAvoid(Endpoint endpoint, Tried tried) {
    return tried.contains(endpoint.id()) || channels.isFull(endpoint);
  }

  /** Whether there is an endpoint to go to in the place of the lease's. */
  boolean existsFor(Lease lease, Tried tried) {
    for (EndpointSnapshot other : router.snapshot().endpoints()) {
      Endpoint endpoint = other.endpoint();
      if (hasRoom(other)
          && !endpoint.id().equals(lease.endpoint().id())
          && serves(endpoint, lease.model())
          && !tried.contains(endpoint.id())) {
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
