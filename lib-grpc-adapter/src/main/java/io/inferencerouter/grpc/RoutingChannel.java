package io.inferencerouter.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.RouterClosedException;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A channel whose calls go to the endpoint a router chooses. Use it under any stub.
 *
 * <pre>{@code
 * EndpointChannels channels = EndpointChannels.of(endpoint -> …);
 * InferenceRouter router = InferenceRouters.builder().listener(channels).endpoints(…).build();
 * RoutingChannel channel = RoutingChannel.builder(router, channels).classifier(KServeClassifier.create()).build();
 * var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
 * }</pre>
 *
 * <h2>Where a call goes</h2>
 *
 * <p>A call is classified by its first message, or as soon as it starts where the classifier does
 * not need one ({@link GrpcRequestClassifier#readsMessage}). Then it waits for a lease, and then it
 * is a call of the channel to the endpoint, with the same options: executor, deadline, credentials,
 * compression, wait-for-ready. Flow control is that of the endpoint's channel. Headers and
 * credential of the endpoint replace headers of the same name. Messages are sent as they are.
 *
 * <p>The deadline, and a cancelled {@code Context}, end the wait as well. What a caller sends
 * meanwhile is kept; the call is not ready then, and callers who go on all the same get {@code
 * RESOURCE_EXHAUSTED} when there are more than {@link Builder#routingBufferBytes}. A call that
 * waits for its first message says it is ready.
 *
 * <h2>How many at once</h2>
 *
 * <p>As many as the endpoint has slots and its connection has streams ({@link
 * EndpointChannels.Builder#maxConcurrentStreams(int)}). A call that finds no stream goes to another
 * endpoint that has one, or waits for whichever has one first. Calls that are seen to wait within a
 * connection show how many streams the server allows; after about 50 ms they are moved to an
 * endpoint that has one, if their messages are at hand and the request is {@linkplain
 * InferenceRequest#replayable() replayable} or {@linkplain InferenceRequest#idempotent()
 * idempotent}, for the connection might have got one at the same moment.
 *
 * <h2>What comes back</h2>
 *
 * <p>What the endpoint answers, untouched. A request that is shed ends with {@code
 * RESOURCE_EXHAUSTED}, the trailer {@code grpc-retry-pushback-ms}, and {@code google.rpc.RetryInfo}
 * in {@code grpc-status-details-bin}. Where there is no endpoint for a request, it ends with {@code
 * UNAVAILABLE}, {@code NOT_FOUND} (no such model or version) or {@code FAILED_PRECONDITION} (not in
 * these regions), with the router's exception as its cause. A call that waits for ready waits where
 * there is no endpoint, or none that takes requests now, until there is one or its deadline passes.
 *
 * <p>An attempt that ends with {@code UNAVAILABLE} or {@code RESOURCE_EXHAUSTED}, that its server
 * cancels, or whose stream is reset, before anything of an answer was received is followed by
 * another one as {@link io.inferencerouter.Attempts} says and the router's retry policy allows, if
 * all messages are at hand (at most {@link Builder#replayBufferBytes}) and the server does not
 * forbid it by a pushback. A connection that breaks is {@code UNAVAILABLE}, also where gRPC's
 * transport says {@code UNKNOWN}. A call that waits for ready waits at the endpoint that is tried
 * when there is no other, or when it may not be tried again.
 *
 * <p>What the router takes back ({@link io.inferencerouter.Revocation}) is made elsewhere, on the
 * same conditions, if there is a place for it ({@link io.inferencerouter.Attempts#leave}); until
 * there is one, it goes on. A stream that has stopped, if the router was asked to end such streams,
 * ends with {@code UNAVAILABLE}, and a call that counts as lost with {@code ABORTED}. The router
 * does not take a call for stalled as long as its caller requests no message, is in a callback, or
 * in a dialogue has not gone on since the last message of the server.
 *
 * <h2>How the lease ends</h2>
 *
 * <p>With the attempt:
 *
 * <ul>
 *   <li>{@code OK}: success. The caller's cancel, also by his {@code Context}, and a channel that
 *       is shut down at once: cancelled.
 *   <li>{@code CANCELLED} although the caller has not: server fault, as {@code UNAVAILABLE}, which
 *       is what the caller hears if it was the stream that was cancelled, as by a server that is
 *       shut down at once.
 *   <li>{@code RESOURCE_EXHAUSTED}: rate limited, with the time of the pushback or the retry info;
 *       but rejected where it stands for a message that is too large.
 *   <li>{@code UNAVAILABLE} because the server has refused the stream without looking at it ({@code
 *       REFUSED_STREAM}, {@code GOAWAY}): rate limited as well, which is no failure.
 *   <li>{@code DEADLINE_EXCEEDED}: time-out.
 *   <li>{@code UNAVAILABLE}, {@code INTERNAL}, {@code UNKNOWN}, {@code DATA_LOSS}: server fault.
 *   <li>All others: rejected.
 * </ul>
 *
 * <p>The first message received is the first output, and every message counts as one unit of
 * output. A load report in the trailer {@code endpoint-load-metrics-bin} (ORCA) is passed on. A
 * call that its caller neither reads to the end nor cancels keeps its lease until the server has
 * ended its answer and ten seconds have passed, or until its deadline.
 *
 * <p>Safe for use by many threads. It closes the channels of the endpoints, not the router; when it
 * finds the router closed, it closes them, too.
 */
public final class RoutingChannel extends ManagedChannel {
  /** What a call asks for, where its caller knows; no classifier is asked then. */
  public static final CallOptions.Key<InferenceRequest> INFERENCE_REQUEST =
      CallOptions.Key.create("io.inferencerouter.INFERENCE_REQUEST");

  /** The default of {@link Builder#replayBufferBytes}. */
  public static final int DEFAULT_REPLAY_BUFFER_BYTES = 1 << 20;

  /** The default of {@link Builder#routingBufferBytes}. */
  public static final int DEFAULT_ROUTING_BUFFER_BYTES = 1 << 23;

  /** The default of {@link Builder#authority}. */
  public static final String DEFAULT_AUTHORITY = "inference-router";

  private final InferenceRouter router;
  private final EndpointChannels channels;
  private final GrpcRequestClassifier classifier;
  private final Entrance entrance;
  private final Elsewhere elsewhere;
  private final Shortage shortage;
  private final WaitingCalls waiting;
  private final Executor executor;
  private final Timers timers;
  private final String authority;
  private final int replayBufferBytes;
  private final int routingBufferBytes;

  private RoutingChannel(Builder builder) {
    router = builder.router;
    channels = builder.channels;
    classifier = new IsolatedClassifier(builder.classifier, new Faults(builder.listeners));
    entrance = new Entrance(router, channels);
    elsewhere = new Elsewhere(router, channels);
    executor = builder.executor;
    timers = Timers.of(builder.scheduler);
    shortage = new Shortage(router, channels, elsewhere, timers);
    waiting = new WaitingCalls(this::close);
    authority = builder.authority;
    replayBufferBytes = builder.replayBufferBytes;
    routingBufferBytes = builder.routingBufferBytes;
  }

  private void close() {
    channels.close();
    timers.close();
  }

  /** A channel with the default settings. */
  public static RoutingChannel create(InferenceRouter router, EndpointChannels channels) {
    return builder(router, channels).build();
  }

  /**
   * Starts a channel.
   *
   * @param router decides where calls go
   * @param channels lead there; they should be a listener of the router, and are closed with this
   *     channel
   */
  public static Builder builder(InferenceRouter router, EndpointChannels channels) {
    return new Builder(router, channels);
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> newCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions callOptions) {
    return new RoutedCall<>(this, method, callOptions);
  }

  /** A name for the whole fleet; calls have the authority of the endpoint they go to. */
  @Override
  public String authority() {
    return authority;
  }

  // What calls need

  InferenceRouter router() {
    return router;
  }

  Executor executor() {
    return executor;
  }

  Timers timers() {
    return timers;
  }

  int replayBufferBytes() {
    return replayBufferBytes;
  }

  int routingBufferBytes() {
    return routingBufferBytes;
  }

  GrpcRequestClassifier classifier() {
    return classifier;
  }

  Entrance entrance() {
    return entrance;
  }

  Elsewhere elsewhere() {
    return elsewhere;
  }

  Shortage shortage() {
    return shortage;
  }

  WaitingCalls waiting() {
    return waiting;
  }

  /** The router has refused a call. */
  void refused(@Nullable Throwable reason) {
    if (reason instanceof RouterClosedException) {
      channels.close();
    }
  }

  // Its end

  @Override
  public ManagedChannel shutdown() {
    waiting.shutDown();
    return this;
  }

  @Override
  public ManagedChannel shutdownNow() {
    waiting.shutDownNow();
    channels.closeNow();
    return this;
  }

  @Override
  public boolean isShutdown() {
    return waiting.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return waiting.isQuiet() && channels.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long start = System.nanoTime();
    long nanos = unit.toNanos(timeout);
    return waiting.awaitQuiet(nanos)
        && channels.awaitTermination(nanos - (System.nanoTime() - start));
  }

  @Override
  public String toString() {
    return "RoutingChannel[" + authority + ", " + channels + "]";
  }

  /** Builds a {@link RoutingChannel}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final InferenceRouter router;
    private final EndpointChannels channels;
    private final List<RouterListener> listeners = new ArrayList<>();
    private GrpcRequestClassifier classifier = SerializedSizeClassifier.create();
    private Executor executor = new CompletableFuture<Void>().defaultExecutor();
    private @Nullable Scheduler scheduler;
    private String authority = DEFAULT_AUTHORITY;
    private int replayBufferBytes = DEFAULT_REPLAY_BUFFER_BYTES;
    private int routingBufferBytes = DEFAULT_ROUTING_BUFFER_BYTES;

    private Builder(InferenceRouter router, EndpointChannels channels) {
      this.router = Objects.requireNonNull(router, "router");
      this.channels = Objects.requireNonNull(channels, "channels");
    }

    /** Sets how calls are read; by default as {@link SerializedSizeClassifier} does. */
    public Builder classifier(GrpcRequestClassifier classifier) {
      this.classifier = Objects.requireNonNull(classifier, "classifier");
      return this;
    }

    /**
     * Adds a listener that hears when a classifier fails, by {@link RouterListener#faultIsolated};
     * of nothing else, for the router tells its own listeners. By default there is none.
     */
    public Builder listener(RouterListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Sets where callers hear of calls that end before they are sent, unless a call has an executor
     * of its own; by default the default executor of {@link CompletableFuture}. All else they hear
     * by the executor of the endpoint's channel. It stays in the hands of its owner.
     */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Sets what runs time-outs. By default the channel starts one daemon thread when it first needs
     * it, and ends it when it is shut down.
     */
    public Builder scheduler(Scheduler scheduler) {
      this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
      return this;
    }

    /** Sets the name of the whole; by default {@value RoutingChannel#DEFAULT_AUTHORITY}. */
    public Builder authority(String authority) {
      this.authority = Objects.requireNonNull(authority, "authority");
      return this;
    }

    /**
     * Limits the messages that are kept of each call until it is answered, so that it can be tried
     * again, in bytes; 0 or more, by default {@value RoutingChannel#DEFAULT_REPLAY_BUFFER_BYTES}.
     * Calls that send more are sent once only.
     */
    public Builder replayBufferBytes(int replayBufferBytes) {
      this.replayBufferBytes =
          inRange("replayBufferBytes", replayBufferBytes, 0, Integer.MAX_VALUE);
      return this;
    }

    /**
     * Limits the messages that a call may send while it waits, in bytes; 0 or more, by default
     * {@value RoutingChannel#DEFAULT_ROUTING_BUFFER_BYTES}. The first message may have any size.
     */
    public Builder routingBufferBytes(int routingBufferBytes) {
      this.routingBufferBytes =
          inRange("routingBufferBytes", routingBufferBytes, 0, Integer.MAX_VALUE);
      return this;
    }

    private static int inRange(String name, int value, int min, int max) {
      if (value < min || value > max) {
        throw new IllegalArgumentException(
            name + ": " + value + " (expected: " + min + " to " + max + ")");
      }
      return value;
    }

    /** Builds the channel. */
    public RoutingChannel build() {
      return new RoutingChannel(this);
    }
  }
}
