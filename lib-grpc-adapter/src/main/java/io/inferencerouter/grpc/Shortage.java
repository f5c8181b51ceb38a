package io.inferencerouter.grpc;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.RouterClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls that lack what a router does not let them wait for: a stream, or any endpoint at all. They
 * are told when there may be one. When calls end, that is at once; what the router and its other
 * users do is looked at from time to time, as long as a call waits.
 *
 * <p>Safe for use by many threads.
 */
final class Shortage {
  /** Every so many looks at which there is no endpoint, the router is asked if it is closed. */
  private static final int LOOKS_PER_QUESTION = 100;

  private final InferenceRouter router;
  private final EndpointChannels channels;
  private final Elsewhere elsewhere;
  private final Recheck recheck;
  private final ParkedCalls parked = new ParkedCalls();
  private final Set<EndpointSearch> withoutEndpoint = ConcurrentHashMap.newKeySet();

  /** Of the one that looks. */
  private int looksInVain;

  Shortage(InferenceRouter router, EndpointChannels channels, Elsewhere elsewhere, Timers timers) {
    this.router = router;
    this.channels = channels;
    this.elsewhere = elsewhere;
    this.recheck = new Recheck(timers, this::look);
  }

  /** A call with a lease waits for a stream. */
  void park(ParkedCalls.Waiter call, Endpoint endpoint) {
    parked.park(call, endpoint);
    if (channels.isFull(endpoint)) {
      recheck.start();
    } else {
      parked.streamFreedAt(endpoint);
    }
  }

  /** A call waits for the router to have endpoints. */
  void awaitEndpoint(EndpointSearch call) {
    withoutEndpoint.add(call);
    recheck.start();
  }

  /** A stream that was created may have to wait for others. */
  void streamMayWait() {
    recheck.start();
  }

  /** A call waits no more for a stream. */
  void unpark(ParkedCalls.Waiter call, Endpoint endpoint) {
    parked.remove(call, endpoint);
  }

  /** A call waits no more for the router to have endpoints. */
  void remove(EndpointSearch call) {
    withoutEndpoint.remove(call);
  }

  /** A call has left the channel of an endpoint. */
  void streamFreed(Endpoint endpoint) {
    if (!parked.isEmpty()) {
      parked.streamFreedAt(endpoint);
    }
  }

  /** The connection to an endpoint has more streams than was thought. */
  void moreStreams(Endpoint endpoint) {
    for (int i = parked.count(); i > 0 && !channels.isFull(endpoint); i--) {
      parked.streamFreedAt(endpoint);
    }
  }

  private boolean look() {
    boolean streamsWait = lookAtStreams();
    boolean callsWait = !parked.isEmpty();
    if (callsWait) {
      // Not every stream is freed by a call: limits change, and health checks leave, too
      for (EndpointSnapshot one : router.snapshot().endpoints()) {
        parked.streamsAt(one.endpoint(), () -> !channels.isFull(one.endpoint()));
      }
      for (Endpoint free : elsewhere.endpointsWithRoom()) {
        parked.roomAt(free, () -> !channels.isFull(free));
      }
    }
    boolean callsLackEndpoints = !withoutEndpoint.isEmpty();
    if (callsLackEndpoints) {
      lookForEndpoints();
    }
    return streamsWait || callsWait || callsLackEndpoints;
  }

  private boolean lookAtStreams() {
    List<StreamLimit> waiting = new ArrayList<>();
    List<StreamLimit> stuck = new ArrayList<>();
    channels.forEach(
        channel -> {
          if (channel.limit().look()) {
            stuck.add(channel.limit());
          }
          if (channel.limit().mayHaveToWait()) {
            waiting.add(channel.limit());
          }
        });
    if (!stuck.isEmpty() && !elsewhere.endpointsWithRoom().isEmpty()) {
      stuck.forEach(StreamLimit::tellStuck);
    }
    return !waiting.isEmpty();
  }

  private void lookForEndpoints() {
    boolean found = false;
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      found |= endpoint.lifecycle().isRoutable();
    }
    if (!found && ++looksInVain % LOOKS_PER_QUESTION == 0) {
      found = isRouterClosed();
    }
    if (found) {
      looksInVain = 0;
      // A copy: who finds nothing comes back at once.
      List.copyOf(withoutEndpoint).forEach(EndpointSearch::endpointsFound);
    }
  }

  private boolean isRouterClosed() {
    try {
      router.acquire(InferenceRequest.anyModel()).close();
      return false;
    } catch (RouterClosedException closed) {
      return true;
    } catch (InferenceRouterException none) {
      return false;
    }
  }
}
