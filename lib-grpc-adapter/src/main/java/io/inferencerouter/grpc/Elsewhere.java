package io.inferencerouter.grpc;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import java.util.ArrayList;
import java.util.List;

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

  /** The same lease if it will do or if there is no better one; else a better one. */
  Lease preferred(Lease granted, Tried tried) {
    if (!isToAvoid(granted.endpoint(), tried) || !existsFor(granted, tried)) {
      return granted;
    }
    List<Lease> refused = new ArrayList<>(MAX_QUESTIONS);
    Lease chosen = granted;
    for (int i = 0; i < MAX_QUESTIONS; i++) {
      Lease next;
      try {
        next = router.acquire(granted.request());
      } catch (InferenceRouterException nothingFree) {
        break;
      }
      if (!isToAvoid(next.endpoint(), tried)) {
        refused.add(granted);
        chosen = next;
        break;
      }
      refused.add(next);
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
      if (other.lifecycle().isRoutable()
          && other.inFlight() < endpoint.maxConcurrency()
          && !endpoint.id().equals(lease.endpoint().id())
          && serves(endpoint, lease.model())
          && !isToAvoid(endpoint, tried)) {
        return true;
      }
    }
    return false;
  }

  private static boolean serves(Endpoint endpoint, String model) {
    return model.isEmpty()
        || endpoint.models().isEmpty()
        || endpoint.models().stream().anyMatch(served -> served.name().equals(model));
  }
}
