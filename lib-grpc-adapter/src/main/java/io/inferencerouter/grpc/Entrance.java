package io.inferencerouter.grpc;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRouter;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The way into the channels of a router's endpoints. Safe for use by many threads. */
final class Entrance {
  private final InferenceRouter router;
  private final EndpointChannels channels;

  Entrance(InferenceRouter router, EndpointChannels channels) {
    this.router = router;
    this.channels = channels;
  }

  /**
   * Enters the channel to an endpoint.
   *
   * @return null if it has no stream, or if the channels are closed
   * @throws RuntimeException what the factory throws
   */
  @Nullable EndpointChannel enter(Endpoint endpoint) {
    while (true) {
      EndpointChannel target = channels.channel(endpoint, this::endpointIds);
      if (target == null) {
        return null;
      }
      switch (target.enter()) {
        case ENTERED -> {
          return target;
        }
        case FULL -> {
          return null;
        }
        case RETIRED -> channels.forget(endpoint, target);
      }
    }
  }

  private Set<String> endpointIds() {
    Set<String> ids = new HashSet<>();
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      ids.add(endpoint.endpoint().id());
    }
    return ids;
  }

  /** The ids of the endpoints at which a call would have to wait for a stream. */
  Set<String> full() {
    return channels.full();
  }

  /** Whether nobody is let in any more. */
  boolean isClosed() {
    return channels.isClosed();
  }
}
