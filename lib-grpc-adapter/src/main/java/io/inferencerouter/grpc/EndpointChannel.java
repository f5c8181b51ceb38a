package io.inferencerouter.grpc;

import io.grpc.ManagedChannel;
import io.inferencerouter.Endpoint;
import io.inferencerouter.Ticker;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The channel of one endpoint, with the calls that use it.
 *
 * <p>A call enters before it is made and leaves when it has ended. A channel that has been retired
 * lets nobody in, and is shut down when the last call has left; so no call ever meets a channel
 * that was shut down under its feet.
 *
 * <p>It lets in at most as many calls as there are streams.
 *
 * <p>Safe for use by many threads.
 */
final class EndpointChannel {
  /** What {@link #enter} can come to. */
  enum Entrance {
    ENTERED,
    /** As many calls as there are streams. */
    FULL,
    /** To be replaced by a new one. */
    RETIRED
  }

  private static final int RETIRED = 1 << 31;

  private final Endpoint endpoint;
  private final ManagedChannel channel;
  private final StreamLimit limit;

  /** Calls inside, and in the highest bit whether it is retired; changed by compare-and-set. */
  private final AtomicInteger calls = new AtomicInteger();

  private final Set<LoadWatch> loadWatches = ConcurrentHashMap.newKeySet();

  /** Headers and credential; replaced when the endpoint is declared anew. */
  private volatile EndpointHeaders headers;

  EndpointChannel(Endpoint endpoint, ManagedChannel channel, int declaredStreams, Ticker ticker) {
    this.endpoint = endpoint;
    this.channel = channel;
    this.limit = new StreamLimit(declaredStreams, ticker);
    this.headers = EndpointHeaders.of(endpoint);
  }

  ManagedChannel channel() {
    return channel;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** The streams of its connection. */
  StreamLimit limit() {
    return limit;
  }

  /** Whether calls to this endpoint may use this channel. */
  @SuppressWarnings("ReferenceEquality") // the same object is the common case, and the fast one
  boolean leadsTo(Endpoint other) {
    return endpoint == other || endpoint.uri().equals(other.uri());
  }

  /** The headers of the endpoint as it is declared now. */
  EndpointHeaders headers(Endpoint now) {
    EndpointHeaders known = headers;
    if (!known.areOf(now)) {
      known = EndpointHeaders.of(now);
      headers = known;
    }
    return known;
  }

  Entrance enter() {
    while (true) {
      int before = calls.get();
      if (before < 0) {
        return Entrance.RETIRED;
      }
      if (before >= limit.streams()) {
        return Entrance.FULL;
      }
      if (calls.compareAndSet(before, before + 1)) {
        return Entrance.ENTERED;
      }
    }
  }

  /** Enters even if there is no stream; false if the channel has been retired. */
  boolean enterAlways() {
    return calls.getAndUpdate(now -> now < 0 ? now : now + 1) >= 0;
  }

  void leave() {
    if (calls.decrementAndGet() == RETIRED) {
      shutDown();
    }
  }

  /** Starts what has entered; if that cannot be started, it leaves. */
  <T> T leaveIfItFails(Supplier<T> start) {
    boolean started = false;
    try {
      T result = start.get();
      started = true;
      return result;
    } finally {
      if (!started) {
        leave();
      }
    }
  }

  /**
   * A stream of load reports has been opened. It has entered, and leaves here: it does not keep a
   * channel from ending, but ends with it.
   */
  void watched(LoadWatch watch) {
    loadWatches.add(watch);
    if (watch.hasEnded()) {
      loadWatches.remove(watch);
    }
    leave();
    if (isRetired()) {
      loadWatches.forEach(LoadWatch::cancel);
    }
  }

  /** A stream of load reports has ended. */
  void watchEnded(LoadWatch watch) {
    loadWatches.remove(watch);
  }

  boolean isRetired() {
    return calls.get() < 0;
  }

  private void shutDown() {
    loadWatches.forEach(LoadWatch::cancel);
    channel.shutdown();
  }

  /** Lets nobody in any more; returns whether this call did that. */
  boolean retire() {
    int before = calls.getAndUpdate(now -> now | RETIRED);
    if (before == 0) {
      shutDown();
    }
    return before >= 0;
  }

  /** Whether another call would have to wait for a stream. */
  boolean isFull() {
    return calls() >= limit.streams();
  }

  /** Calls inside. */
  int calls() {
    return calls.get() & ~RETIRED;
  }

  @Override
  public String toString() {
    return "EndpointChannel[" + endpoint.id() + ", " + calls() + " calls]";
  }
}
