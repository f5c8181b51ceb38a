package io.inferencerouter.grpc;

import io.grpc.ManagedChannel;
import io.inferencerouter.Endpoint;
import io.inferencerouter.Ticker;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The channel of one endpoint, with the calls that use it.
 *
 * <p>A call enters before it is made and leaves when it has ended. A channel that has been retired
 * lets nobody in, and is shut down when the last call has left; so no call ever meets a channel
 * that was shut down under its feet.
 *
 * <p>It lets in at most as many calls as there are streams: the declared limit, or what was found
 * to be the peer's. A stream that has been created on a ready connection, and whose headers do not
 * get out, waits for another one to end, or else the connection is only slow. When none has got out
 * for a while, the others are taken for all that the peer allows. If those that waited then get out
 * without another one having ended, that was wrong. Otherwise it holds until there is a new
 * connection, and is tried again, a little above, from time to time.
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

  /** No headers got out for so long: the connection is full. */
  private static final long STALL_NANOS = 20_000_000;

  /** After so long, a limit that was found may be tried again. */
  private static final long TRIAL_NANOS = 1_000_000_000;

  private final Endpoint endpoint;
  private final ManagedChannel channel;
  private final int declaredStreams;
  private final Ticker ticker;

  /** Calls inside, and in the highest bit whether it is retired; changed by compare-and-set. */
  private final AtomicInteger calls = new AtomicInteger();

  /** Streams that have been created and whose headers are not out. */
  private final AtomicInteger queued = new AtomicInteger();

  private final Set<LoadWatch> loadWatches = ConcurrentHashMap.newKeySet();

  // Racy by design: any value written is a true one, and the next event writes again.
  private volatile long queueMovedNanos;
  private volatile int streams;
  private volatile long foundNanos;
  private volatile boolean endedSinceFound;
  private volatile @Nullable Object connection;

  /** Headers and credential; replaced when the endpoint is declared anew. */
  private volatile EndpointHeaders headers;

  EndpointChannel(Endpoint endpoint, ManagedChannel channel, int declaredStreams, Ticker ticker) {
    this.endpoint = endpoint;
    this.channel = channel;
    this.declaredStreams = declaredStreams;
    this.ticker = ticker;
    this.streams = declaredStreams;
    this.headers = EndpointHeaders.of(endpoint);
  }

  ManagedChannel channel() {
    return channel;
  }

  Endpoint endpoint() {
    return endpoint;
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
      if (before >= streams) {
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
    if (streams < declaredStreams) {
      endedSinceFound = true;
      if (queued.get() == 0 && ticker.nanos() - foundNanos > TRIAL_NANOS) {
        foundNanos = ticker.nanos();
        streams = Math.min(declaredStreams, streams + 1 + streams / 4);
      }
    }
    if (calls.decrementAndGet() == RETIRED) {
      shutDown();
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
    learnFromQueue();
    return (calls.get() & ~RETIRED) >= streams;
  }

  private void learnFromQueue() {
    int waiting = queued.get();
    if (waiting > 0) {
      long now = ticker.nanos();
      int open = Math.max(1, (calls.get() & ~RETIRED) - waiting);
      if (now - queueMovedNanos > STALL_NANOS && open < streams) {
        endedSinceFound = false;
        foundNanos = now;
        streams = open;
      }
    }
  }

  /** A stream was created on a ready connection, told from others by an object of its own. */
  void streamCreated(Object on) {
    if (connection != on) {
      connection = on;
      streams = declaredStreams;
    }
    if (queued.getAndIncrement() == 0) {
      queueMovedNanos = ticker.nanos();
    }
  }

  /**
   * A stream has got its headers out, or has ended without.
   *
   * @return whether there are more streams than was thought
   */
  boolean streamLeftQueue() {
    if (queued.decrementAndGet() != 0) {
      queueMovedNanos = ticker.nanos();
      return false;
    }
    if (streams < declaredStreams && !endedSinceFound) {
      streams = declaredStreams;
      return true;
    }
    return false;
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
