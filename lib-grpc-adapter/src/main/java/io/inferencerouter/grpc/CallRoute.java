package io.inferencerouter.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.grpc.internal.concurrent.Steps;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way of a call to an endpoint: it waits for what its route depends on, then for a lease, then,
 * if need be, for a stream, and then there is an {@link Attempt}. If that fails and nothing has
 * come of it, the way begins again at the lease.
 *
 * <p>What the caller, the router, timers and failed attempts bring are {@link Steps}: they are done
 * one after another, on whichever thread, so the state needs no protection. No step waits, and none
 * calls the caller's code, but for the classifier and the interceptors of the endpoint's channel.
 *
 * <p>The route is settled when there will be no other attempt: something of an answer was
 * delivered, or more was sent than is kept for another attempt.
 */
final class CallRoute<ReqT, RespT> {
  private enum Phase {
    NEW,
    AWAITS_MESSAGE,
    /** The caller has been asked for its message and has not returned. */
    AWAITS_CALLER,
    AWAITS_LEASE,
    AWAITS_STREAM,
    /** The server that was tried wants to be left alone for a while. */
    AWAITS_RETRY,
    SENT,
    CLOSED
  }

  private final RoutingChannel channel;
  private final MethodDescriptor<ReqT, RespT> method;
  private final CallOptions options;
  private final Context context = Context.current();
  private final Steps steps = new Steps();

  // Read by anybody. The first is set by any thread, the second also by the attempt under way, the
  // others by steps. A new attempt first takes the count back and then begins; whoever sees that it
  // has settled the route sees a count that is its own.
  private volatile boolean canceled;
  private volatile boolean settled;
  private volatile @Nullable Attempt<ReqT, RespT> attempt;
  private volatile int passedOn;
  private volatile boolean inviting;

  // Used by steps only.
  private final CallLog<ReqT> log = new CallLog<>();
  private final Tried tried = new Tried();
  private Phase phase = Phase.NEW;
  private @Nullable Caller<RespT> caller;
  private Metadata headers = new Metadata();
  private long requested;
  private @Nullable InferenceRequest inference;
  private @Nullable CompletableFuture<Lease> asked;
  private @Nullable Lease leaseWithoutStream;
  private @Nullable Refusal lastFailure;
  private @Nullable WaitLimit limit;
  private boolean registered;

  CallRoute(RoutingChannel channel, MethodDescriptor<ReqT, RespT> method, CallOptions options) {
    this.channel = channel;
    this.method = method;
    this.options = options;
  }

  // For any thread

  boolean isCanceled() {
    return canceled;
  }

  /** The endpoint's call, if it is the last one. */
  @Nullable ClientCall<ReqT, RespT> settledCall() {
    Attempt<ReqT, RespT> current = settled ? attempt : null;
    return current == null ? null : current.call();
  }

  /** How much of what the caller has sent has been passed on to the attempt. */
  int passedOn() {
    return passedOn;
  }

  boolean isReady() {
    ClientCall<ReqT, RespT> call = startedCall();
    return call == null ? inviting : call.isReady();
  }

  Attributes attributes() {
    ClientCall<ReqT, RespT> call = startedCall();
    return call == null ? Attributes.EMPTY : call.getAttributes();
  }

  private @Nullable ClientCall<ReqT, RespT> startedCall() {
    Attempt<ReqT, RespT> current = attempt;
    return current == null || !current.isStarted() ? null : current.call();
  }

  // What the caller does

  void begin(ClientCall.Listener<RespT> listener, Metadata callHeaders) {
    steps.run(
        () -> {
          caller =
              new Caller<>(
                  listener,
                  context,
                  Objects.requireNonNullElse(options.getExecutor(), channel.executor()));
          headers = callHeaders;
          begin();
        });
  }

  private void begin() {
    Deadline deadline = deadline();
    if (channel.isShutdown()) {
      close(channel.shutdownRefusal());
    } else if (deadline != null && deadline.isExpired()) {
      close(expired());
    } else {
      InferenceRequest stated = options.getOption(RoutingChannel.INFERENCE_REQUEST);
      if (stated != null) {
        route(stated);
      } else if (channel.readsMessage(method)) {
        awaitMessage();
      } else {
        route(channel.classify(GrpcRequest.withoutMessage(method, options, headers)));
      }
    }
  }

  private void awaitMessage() {
    phase = Phase.AWAITS_MESSAGE;
    limit();
    if (!method.getType().clientSendsOneMessage() && phase == Phase.AWAITS_MESSAGE) {
      register();
      // A caller may wait to be asked; later the transport does that.
      inviting = true;
      caller().invite(failure -> steps.run(() -> invited(failure)));
    }
  }

  private void invited(@Nullable Throwable failure) {
    caller().done();
    if (failure != null) {
      String message = "Failed to call onReady.";
      stop(Refusal.cancelled(message, failure), message, failure);
    } else if (phase == Phase.AWAITS_CALLER) {
      acquire();
    }
  }

  void request(int messages) {
    steps.run(
        () -> {
          requested = Math.min(Long.MAX_VALUE - messages, requested) + messages;
          ClientCall<ReqT, RespT> call = callUnderWay();
          if (call != null) {
            call.request(messages);
          }
        });
  }

  void send(ReqT message) {
    steps.run(() -> sendStep(message));
  }

  private void sendStep(ReqT message) {
    ClientCall<ReqT, RespT> call = callUnderWay();
    int size = settled ? 0 : MessageBytes.size(method, message);
    if (!settled && phase != Phase.CLOSED) {
      log.message(message, size);
    }
    if (call != null) {
      call.sendMessage(message);
      passedOneOn();
    } else if (phase == Phase.AWAITS_MESSAGE) {
      route(channel.classify(GrpcRequest.of(method, options, headers, message, size)));
    } else if (log.messages() > 1 && log.bytes() > channel.routingBufferBytes()) {
      close(tooMuch());
    }
  }

  private Refusal tooMuch() {
    return Refusal.of(
        Status.RESOURCE_EXHAUSTED.withDescription(
            "messages of a call that is not routed: "
                + log.bytes()
                + " bytes (expected: at most "
                + channel.routingBufferBytes()
                + "; wait until the call is ready)"));
  }

  void halfClose() {
    steps.run(
        () -> {
          ClientCall<ReqT, RespT> call = callUnderWay();
          if (!settled) {
            log.halfClose();
          }
          if (call != null) {
            call.halfClose();
            passedOneOn();
          } else if (phase == Phase.AWAITS_MESSAGE) {
            route(channel.classify(GrpcRequest.withoutMessage(method, options, headers)));
          }
        });
  }

  void setMessageCompression(boolean enabled) {
    steps.run(
        () -> {
          ClientCall<ReqT, RespT> call = callUnderWay();
          if (!settled) {
            log.compression(enabled);
          }
          if (call != null) {
            call.setMessageCompression(enabled);
            passedOneOn();
          }
        });
  }

  private @Nullable ClientCall<ReqT, RespT> callUnderWay() {
    Attempt<ReqT, RespT> current = phase == Phase.SENT ? attempt : null;
    return current == null ? null : current.call();
  }

  private void passedOneOn() {
    int count = passedOn + 1;
    settleIfTooMuchIsKept();
    passedOn = count;
  }

  private void settleIfTooMuchIsKept() {
    if (!settled
        && (log.bytes() > channel.replayBufferBytes()
            || log.size() > CallLimits.MAX_KEPT
            || log.isUnsized())) {
      settled = true;
    }
    if (settled) {
      log.clear();
    }
  }

  void cancel(@Nullable String message, @Nullable Throwable cause) {
    canceled = true;
    steps.run(() -> stop(Refusal.cancelled(message, cause), message, cause));
  }

  // On the way

  private void route(InferenceRequest request) {
    inviting = false;
    inference = request;
    if (caller().isBusy()) {
      phase = Phase.AWAITS_CALLER;
    } else {
      acquire();
    }
  }

  private InferenceRequest inference() {
    return Objects.requireNonNull(inference, "inference");
  }

  private void acquire() {
    phase = Phase.AWAITS_LEASE;
    Deadline deadline = deadline();
    InferenceRequest request =
        deadline == null ? inference() : CallLimits.within(inference(), deadline);
    CompletableFuture<Lease> asking = channel.router().acquireAsync(request);
    if (asking.isDone()) {
      Lease lease = null;
      Throwable refused = null;
      try {
        lease = asking.join();
      } catch (CompletionException e) {
        refused = e.getCause();
      } catch (CancellationException e) {
        refused = e;
      }
      answered(lease, refused);
    } else {
      asked = asking;
      limit();
      register();
      var unused =
          asking.whenComplete((lease, refused) -> steps.run(() -> answered(lease, refused)));
    }
  }

  private void answered(@Nullable Lease lease, @Nullable Throwable refused) {
    asked = null;
    if (phase != Phase.AWAITS_LEASE) {
      if (lease != null) {
        lease.close();
      }
    } else if (lease != null) {
      enter(lease);
    } else {
      Throwable reason = Objects.requireNonNull(refused, "refused");
      channel.refused(reason);
      close(Objects.requireNonNullElseGet(lastFailure, () -> Refusal.by(reason)));
    }
  }

  private void enter(Lease granted) {
    Lease lease = channel.preferred(granted, tried);
    EndpointChannel target;
    try {
      target = channel.enter(lease.endpoint());
    } catch (RuntimeException | LinkageError e) {
      cannotSend(lease, e);
      return;
    }
    if (target != null) {
      send(lease, target);
    } else if (channel.isClosed()) {
      lease.close();
      close(Objects.requireNonNullElseGet(lastFailure, channel::shutdownRefusal));
    } else {
      phase = Phase.AWAITS_STREAM;
      leaseWithoutStream = lease;
      limit();
      register();
      channel.park(this, lease.endpoint());
    }
  }

  /** There may be a stream for a call that waits for one. */
  void streamFreed(Endpoint at) {
    steps.run(
        () -> {
          Lease lease = leaseWithoutStream;
          if (phase == Phase.AWAITS_STREAM && lease != null) {
            leaseWithoutStream = null;
            enter(lease);
          } else {
            channel.streamFreed(at);
          }
        });
  }

  private void send(Lease lease, EndpointChannel target) {
    Attempt<ReqT, RespT> next = null;
    Context before = context.attach();
    try {
      StreamWatch streams = new StreamWatch(target, () -> channel.moreStreams(target.endpoint()));
      CallOptions here =
          channel.mayWaitHere(method, options, lease, tried)
              ? options
              : options.withoutWaitForReady();
      Metadata sentHeaders = target.headers(lease.endpoint()).over(headers);
      ClientCall<ReqT, RespT> call =
          target.channel().newCall(method, here.withStreamTracerFactory(streams));
      next = new Attempt<>(this, caller().listener(), lease, target, streams, call);
      if (!method.getType().serverSendsOneMessage()) {
        next.limitUnread(channel.timers());
      }
      phase = Phase.SENT;
      passedOn = 0;
      attempt = next;
      next.start(sentHeaders);
    } catch (RuntimeException | LinkageError e) {
      attempt = null;
      if (next != null) {
        next.abort(e);
      }
      target.leave();
      channel.streamFreed(target.endpoint());
      cannotSend(lease, e);
      return;
    } finally {
      context.detach(before);
    }
    tried.add(lease.endpoint().id());
    waitIsOver();
    replay(next.call());
  }

  private void replay(ClientCall<ReqT, RespT> call) {
    for (long left = requested; left > 0; left -= Integer.MAX_VALUE) {
      call.request((int) Math.min(left, Integer.MAX_VALUE));
    }
    int count = log.size();
    log.sayTo(call);
    settleIfTooMuchIsKept();
    passedOn = count;
  }

  /** The attempt could not even be started: the channel could not be made, or used. */
  private void cannotSend(Lease lease, Throwable failure) {
    String id = lease.endpoint().id();
    Status status = Status.fromThrowable(failure);
    if (status.getCode() == Status.Code.UNKNOWN) {
      status =
          Status.UNAVAILABLE
              .withDescription(
                  "channel of endpoint "
                      + id
                      + ": failed with "
                      + failure
                      + " (expected: a channel that takes calls)")
              .withCause(failure);
    }
    Refusal refusal = Refusal.of(status);
    lease.complete(Outcomes.of(status, refusal.trailers()));
    tried.add(id);
    if (status.getCode() == Status.Code.UNAVAILABLE && mayBeFollowed()) {
      lastFailure = refusal;
      acquire();
    } else {
      close(refusal);
    }
  }

  private boolean mayBeFollowed() {
    return tried.count() < channel.maxAttempts() && !canceled && !channel.isShutdown();
  }

  // What attempts report

  /** Something was delivered to the caller. */
  void settle() {
    settled = true;
    if (log.bytes() > CallLimits.WORTH_LETTING_GO) {
      steps.run(log::clear);
    }
  }

  /** What an attempt has come to. */
  Outcome outcome(Status status, Metadata trailers) {
    boolean ours = canceled || (channel.isShutdownNow() && !status.isOk());
    return ours ? Outcome.cancelled() : Outcomes.of(status, trailers);
  }

  /** A call has left the channel of an endpoint. */
  void streamFreedAt(EndpointChannel target) {
    channel.streamFreed(target.endpoint());
  }

  /** The attempt under way is over, and the caller hears of that by it. */
  void ended() {
    steps.run(() -> phase = Phase.CLOSED);
  }

  /** Whether another attempt is worth a step: a first look, at what anybody may see. */
  boolean mayTryAgain(Status status, Metadata trailers) {
    return !settled
        && !canceled
        && status.getCode() == Status.Code.UNAVAILABLE
        && !Pushback.forbidsRetry(trailers);
  }

  /** The attempt under way has failed, with nothing delivered, and may be followed by another. */
  void attemptFailed(Attempt<ReqT, RespT> failed, Status status, Metadata trailers) {
    steps.run(
        () -> {
          Refusal failure = new Refusal(status, trailers);
          attempt = null;
          if (settled || !mayBeFollowed() || !CallLimits.isSafe(inference(), failed.watch())) {
            close(failure);
          } else {
            lastFailure = failure;
            tryAgainAfter(CallLimits.pauseNanos(trailers), failure);
          }
        });
  }

  private void tryAgainAfter(long nanos, Refusal failure) {
    if (nanos == 0) {
      acquire();
      return;
    }
    Deadline deadline = deadline();
    boolean inTime = deadline == null || deadline.timeRemaining(TimeUnit.NANOSECONDS) > nanos;
    phase = Phase.AWAITS_RETRY;
    if (inTime && channel.timers().schedule(nanos, () -> steps.run(this::resume)) != null) {
      limit();
      register();
    } else {
      close(failure);
    }
  }

  private void resume() {
    if (phase == Phase.AWAITS_RETRY) {
      acquire();
    }
  }

  // How it ends without an attempt

  /** The channel is shut down at once; attempts end by themselves then. */
  void shutDownNow() {
    steps.run(
        () -> {
          if (phase != Phase.SENT) {
            stop(channel.shutdownRefusal(), null, null);
          }
        });
  }

  private void stop(Refusal reason, @Nullable String message, @Nullable Throwable cause) {
    Attempt<ReqT, RespT> current = attempt;
    if (phase == Phase.SENT && current != null) {
      current.cancel(message, cause);
    } else if (phase != Phase.NEW && phase != Phase.CLOSED) {
      close(reason);
    }
  }

  private void close(Refusal reason) {
    phase = Phase.CLOSED;
    inviting = false;
    log.clear();
    waitIsOver();
    CompletableFuture<Lease> asking = asked;
    if (asking != null) {
      asking.cancel(false);
    }
    Lease lease = leaseWithoutStream;
    leaseWithoutStream = null;
    if (lease != null) {
      lease.close();
    }
    caller().close(reason);
  }

  private Caller<RespT> caller() {
    return Objects.requireNonNull(caller, "caller");
  }

  // The wait

  private void limit() {
    if (limit == null) {
      WaitLimit[] mine = new WaitLimit[1];
      WaitLimit fresh =
          new WaitLimit(
              context,
              deadline(),
              channel.timers(),
              status -> steps.run(() -> limitReached(mine[0], status)));
      mine[0] = fresh;
      limit = fresh;
      fresh.start();
    }
  }

  private void limitReached(WaitLimit reached, Status status) {
    if (limit == reached) {
      boolean timer = status.getDescription() == null && status.getCause() == null;
      stop(timer ? expired() : Refusal.of(status), null, null);
    }
  }

  private void register() {
    if (!registered) {
      registered = true;
      channel.waits(this);
    }
  }

  private void waitIsOver() {
    WaitLimit current = limit;
    if (current != null) {
      limit = null;
      current.end();
    }
    if (registered) {
      registered = false;
      channel.waitsNoMore(this);
    }
  }

  private @Nullable Deadline deadline() {
    return CallLimits.earlier(options.getDeadline(), context.getDeadline());
  }

  private Refusal expired() {
    return Refusal.of(
        Status.DEADLINE_EXCEEDED.withDescription(
            "deadline exceeded before the call was sent to an endpoint (it was waiting for "
                + switch (phase) {
                  case AWAITS_MESSAGE, AWAITS_CALLER -> "its first message";
                  case AWAITS_LEASE -> "a slot";
                  case AWAITS_STREAM -> "a stream";
                  case AWAITS_RETRY -> "the time to try again";
                  case NEW, SENT, CLOSED -> "nothing";
                }
                + ")"));
  }

  @Override
  public String toString() {
    return method.getFullMethodName();
  }
}
