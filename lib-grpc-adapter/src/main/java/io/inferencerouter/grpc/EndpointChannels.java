package io.inferencerouter.grpc;

import io.grpc.ManagedChannel;
import io.inferencerouter.ActiveProbe;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointChanged;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.LoadReport;
import io.inferencerouter.ProbeResult;
import io.inferencerouter.RouterListener;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a router's endpoints: one each, made for the first call and shut down when the
 * endpoint has left and its last call has ended.
 *
 * <p>To hear which endpoints leave, it has to be a listener of the router:
 *
 * <pre>{@code
 * EndpointChannels channels = EndpointChannels.builder(factory).maxConcurrentStreams(250).build();
 * InferenceRouter router = InferenceRouters.builder().listener(channels).endpoints(…).build();
 * RoutingChannel channel = RoutingChannel.create(router, channels);
 * }</pre>
 *
 * <p>If it is not, channels of endpoints that have left are found when the next channel is made, or
 * when all are closed. It belongs to one {@link RoutingChannel}, which closes it. Safe for use by
 * many threads.
 */
public final class EndpointChannels implements RouterListener {
  /** The default of {@link Builder#maxConcurrentStreams(int)}. */
  public static final int DEFAULT_MAX_CONCURRENT_STREAMS = 100;

  private final EndpointChannelFactory factory;
  private final ToIntFunction<Endpoint> streams;
  private final Ticker ticker;

  /** The channels in use, by the id of the endpoint. */
  private final ConcurrentHashMap<String, EndpointChannel> channels = new ConcurrentHashMap<>();

  /** Those that have been retired and may not have ended. */
  private final Set<EndpointChannel> retired = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;
  private volatile boolean closedNow;

  private EndpointChannels(Builder builder) {
    factory = builder.factory;
    streams = builder.streams;
    ticker = builder.ticker;
  }

  /** Channels with the default settings. */
  public static EndpointChannels of(EndpointChannelFactory factory) {
    return builder(factory).build();
  }

  /** Starts a set of channels. */
  public static Builder builder(EndpointChannelFactory factory) {
    return new Builder(factory);
  }

  /**
   * The channel to an endpoint.
   *
   * @param listed the ids of the endpoints that there are, asked for when a channel has to be made;
   *     none if they are not known
   * @return null if all are closed
   * @throws RuntimeException what the factory throws
   */
  @Nullable EndpointChannel channel(Endpoint endpoint, Supplier<Set<String>> listed) {
    EndpointChannel known = channels.get(endpoint.id());
    if (known != null && known.leadsTo(endpoint)) {
      return known;
    }
    if (closed) {
      return null;
    }
    EndpointChannel made =
        channels.compute(
            endpoint.id(),
            (id, current) -> {
              if (current != null && current.leadsTo(endpoint)) {
                return current;
              }
              EndpointChannel fresh = create(endpoint);
              if (current != null) {
                keepUntilItHasEnded(current);
                current.retire();
              }
              return fresh;
            });
    if (closed) {
      closeAgain();
      return null;
    }
    Set<String> ids = listed.get();
    if (!ids.isEmpty()) {
      for (String id : channels.keySet()) {
        if (!ids.contains(id) && !id.equals(endpoint.id())) {
          remove(id);
        }
      }
    }
    return made;
  }

  private EndpointChannel create(Endpoint endpoint) {
    int limit = streams.applyAsInt(endpoint);
    if (limit < 1) {
      throw new IllegalArgumentException(
          "maxConcurrentStreams of endpoint "
              + endpoint.id()
              + ": "
              + limit
              + " (expected: 1 or more)");
    }
    ManagedChannel channel =
        Objects.requireNonNull(factory.create(endpoint), "the channel factory returned null");
    try {
      return new EndpointChannel(endpoint, channel, limit, ticker);
    } catch (RuntimeException e) {
      channel.shutdownNow();
      throw e;
    }
  }

  /**
   * Asks an endpoint for its health, by the service {@code grpc.health.v1.Health}: an active probe
   * over the connection that calls use.
   *
   * @param service the service to ask for; empty for the server as a whole
   * @param timeout how long to wait for the answer, above zero
   * @return completes with the answer, or exceptionally with a {@code StatusRuntimeException} if
   *     there is none; cancelling it cancels the call
   */
  public CompletableFuture<ServingStatus> checkHealth(
      Endpoint endpoint, String service, Duration timeout) {
    Objects.requireNonNull(service, "service");
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout: " + timeout + " (expected: above zero)");
    }
    return new OutOfBand(this, endpoint).checkHealth(service, timeout);
  }

  /**
   * Health checks as a probe for the router to send. An endpoint that serves is well; so is one
   * that does not implement health checks, as nothing can be said of it.
   *
   * @param service the service to ask about; empty for the server as a whole
   */
  public ActiveProbe healthProbe(String service) {
    Objects.requireNonNull(service, "service");
    return (endpoint, timeout) ->
        checkHealth(endpoint, service, timeout)
            .thenApply(
                status ->
                    status == ServingStatus.SERVING || status == ServingStatus.UNIMPLEMENTED
                        ? ProbeResult.healthy()
                        : ProbeResult.unhealthy(status.name()));
  }

  /**
   * Subscribes to the load reports that an endpoint sends out of band, by the service {@code
   * xds.service.orca.v3.OpenRcaService}. It ends when it is closed, with the endpoint's channel, or
   * when the server does not have the service.
   *
   * @param interval how often a report is wanted, above zero; servers may send them less often
   * @param scheduler opens the stream again after it has ended
   * @param reports hears every report, one at a time
   */
  public LoadSubscription watchLoad(
      Endpoint endpoint, Duration interval, Scheduler scheduler, Consumer<LoadReport> reports) {
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("interval: " + interval + " (expected: above zero)");
    }
    LoadSubscription subscription =
        new LoadSubscription(
            new OutOfBand(this, Objects.requireNonNull(endpoint, "endpoint")),
            interval,
            Objects.requireNonNull(scheduler, "scheduler"),
            Objects.requireNonNull(reports, "reports"));
    subscription.open();
    return subscription;
  }

  /** Replaces a channel that was found retired. */
  void forget(Endpoint endpoint, EndpointChannel retiredOne) {
    channels.remove(endpoint.id(), retiredOne);
  }

  private void remove(String id) {
    EndpointChannel channel = channels.get(id);
    if (channel != null) {
      keepUntilItHasEnded(channel); // first, for it has to be in one of the two at any time
      channels.remove(id, channel);
      channel.retire();
    }
  }

  private void keepUntilItHasEnded(EndpointChannel channel) {
    retired.removeIf(one -> one.channel().isTerminated());
    retired.add(channel);
  }

  /** Whether another call to the endpoint would have to wait for a stream. */
  boolean isFull(Endpoint endpoint) {
    EndpointChannel channel = channels.get(endpoint.id());
    return channel != null && channel.isFull();
  }

  /** The ids of the endpoints at which another call would have to wait for a stream. */
  Set<String> full() {
    Set<String> ids = new HashSet<>();
    channels.forEach(
        (id, channel) -> {
          if (channel.isFull()) {
            ids.add(id);
          }
        });
    return ids;
  }

  /** Shows every channel that has not ended. */
  void forEach(Consumer<EndpointChannel> action) {
    channels.values().forEach(action);
    retired.forEach(action);
  }

  @Override
  public void endpointChanged(EndpointChanged event) {
    if (event.to() == Lifecycle.REMOVED) {
      remove(event.endpoint().id());
    }
  }

  /** Lets the calls that there are go on to their end, and no new ones in. */
  void close() {
    closed = true;
    channels.keySet().forEach(this::remove);
  }

  /** What was made while it was closed is closed in the same way. */
  private void closeAgain() {
    if (closedNow) {
      closeNow();
    } else {
      close();
    }
  }

  /** Ends everything. */
  void closeNow() {
    closedNow = true;
    close();
    retired.forEach(channel -> channel.channel().shutdownNow());
  }

  /** Whether no new channels are made. */
  boolean isClosed() {
    return closed;
  }

  /** Whether all channels have been closed and have ended. */
  boolean isTerminated() {
    return closed
        && channels.isEmpty()
        && retired.stream().allMatch(channel -> channel.channel().isTerminated());
  }

  boolean awaitTermination(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    List<EndpointChannel> all = new ArrayList<>(retired);
    for (EndpointChannel channel : all) {
      if (!channel
          .channel()
          .awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return isTerminated();
  }

  /** The ids of the endpoints that have a channel. */
  Set<String> ids() {
    return Set.copyOf(channels.keySet());
  }

  @Override
  public String toString() {
    return "EndpointChannels" + channels.keySet();
  }

  /** Builds {@link EndpointChannels}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final EndpointChannelFactory factory;
    private ToIntFunction<Endpoint> streams = endpoint -> DEFAULT_MAX_CONCURRENT_STREAMS;
    private Ticker ticker = Ticker.system();

    private Builder(EndpointChannelFactory factory) {
      this.factory = Objects.requireNonNull(factory, "factory");
    }

    /**
     * Declares how many calls an endpoint takes on its connection, as its server's HTTP/2 setting
     * {@code MAX_CONCURRENT_STREAMS} does; at least 1, by default {@value
     * EndpointChannels#DEFAULT_MAX_CONCURRENT_STREAMS}. Further calls go to other endpoints, or
     * wait for whichever endpoint has a stream first.
     */
    public Builder maxConcurrentStreams(int maxConcurrentStreams) {
      if (maxConcurrentStreams < 1) {
        throw new IllegalArgumentException(
            "maxConcurrentStreams: " + maxConcurrentStreams + " (expected: 1 or more)");
      }
      return maxConcurrentStreams(endpoint -> maxConcurrentStreams);
    }

    /** As {@link #maxConcurrentStreams(int)}, for each endpoint. */
    public Builder maxConcurrentStreams(ToIntFunction<Endpoint> maxConcurrentStreams) {
      this.streams = Objects.requireNonNull(maxConcurrentStreams, "maxConcurrentStreams");
      return this;
    }

    /**
     * Sets the clock by which it is told when a limit on streams that was found may be tried again;
     * by default {@link Ticker#system()}.
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = Objects.requireNonNull(ticker, "ticker");
      return this;
    }

    /** Builds the set. */
    public EndpointChannels build() {
      return new EndpointChannels(this);
    }
  }
}
