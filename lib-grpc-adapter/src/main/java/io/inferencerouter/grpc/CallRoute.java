package io.inferencerouter.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.grpc.internal.concurrent.Steps;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of a call from its caller to an endpoint: it waits for what its route depends on, and
 * then there are {@link CallAttempts}.
 *
 * <p>What the caller, the router, timers and failed attempts bring are {@link Steps}: they are done
 * one after another, on whichever thread, so the state needs no protection. No step waits, and none
 * calls the caller's code, but for the classifier and the interceptors of the endpoint's channel.
 */
final class CallRoute<ReqT, RespT> {
  private enum Phase {
    NEW,
    AWAITS_MESSAGE,
    /** The caller has been asked for its message and has not returned. */
    AWAITS_CALLER,
    ROUTED,
    CLOSED
  }

  private final CallTerms<ReqT, RespT> terms;
  private final RoutingChannel channel;
  private final MethodDescriptor<ReqT, RespT> method;
  private final Steps steps = new Steps();
  private final Outbound<ReqT> outbound;
  private final CallWait wait;
  private final CallAttempts<ReqT, RespT> attempts;
  private final Turn turn;

  // Read by anybody. The first is set by any thread; the second by steps, when the endpoint's call
  // is cancelled and takes no more; the third by steps, and taken back by the thread that sends.
  private volatile boolean canceled;
  private volatile boolean abandoned;
  private volatile boolean inviting;

  // Used by steps only.
  private Phase phase = Phase.NEW;

  /** How it ends that was cancelled before it began. */
  private @Nullable Refusal endedBefore;

  private @Nullable Caller<RespT> caller;
  private @Nullable Metadata headers;
  private @Nullable InferenceRequest inference;

  CallRoute(RoutingChannel channel, MethodDescriptor<ReqT, RespT> method, CallOptions options) {
    this.channel = channel;
    this.method = method;
    turn = Turn.of(method.getType());
    terms = new CallTerms<>(channel, method, options, Context.current());
    outbound = new Outbound<>(method, channel.replayBufferBytes());
    wait = new CallWait(this, terms, steps);
    attempts = new CallAttempts<>(this, terms, steps, outbound, wait);
  }

  // For any thread

  boolean isCanceled() {
    return canceled;
  }

  /** Whose turn it is. */
  Turn turn() {
    return turn;
  }

  /** The endpoint's call, if it is the last one, has begun, and takes what is sent. */
  @Nullable ClientCall<ReqT, RespT> settledCall() {
    Attempt<ReqT, RespT> last = outbound.isSettled() && !abandoned ? attempts.current() : null;
    return last == null || !last.isCaughtUp() ? null : last.call();
  }

  /** How much of what the caller has sent has been passed on to the attempt. */
  int passedOn() {
    return outbound.passedOn();
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
    Attempt<ReqT, RespT> last = attempts.current();
    return last == null || !last.isStarted() ? null : last.call();
  }

  // What the caller does

  void begin(ClientCall.Listener<RespT> listener, Metadata callHeaders) {
    if (steps.enter()) {
      try {
        start(listener, callHeaders);
      } finally {
        steps.leave();
      }
    } else {
      steps.run(() -> start(listener, callHeaders));
    }
  }

  private void start(ClientCall.Listener<RespT> listener, Metadata callHeaders) {
    caller = new Caller<>(listener, terms.context(), terms.executor());
    headers = callHeaders;
    Deadline deadline = terms.deadline();
    if (endedBefore != null) {
      close(endedBefore);
    } else if (channel.isShutdown()) {
      close(channel.waiting().refusal());
    } else if (deadline != null && deadline.isExpired()) {
      close(expired());
    } else {
      InferenceRequest stated = terms.options().getOption(RoutingChannel.INFERENCE_REQUEST);
      if (stated != null) {
        route(stated);
      } else if (channel.classifier().readsMessage(method)) {
        awaitMessage();
      } else {
        route(
            channel
                .classifier()
                .classify(GrpcRequest.withoutMessage(method, terms.options(), headers())));
      }
    }
  }

  private void awaitMessage() {
    phase = Phase.AWAITS_MESSAGE;
    wait.limit();
    if (!method.getType().clientSendsOneMessage() && phase == Phase.AWAITS_MESSAGE) {
      wait.begin();
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
      begin(Objects.requireNonNull(inference, "inference"));
    }
  }

  void request(int messages) {
    if (steps.enter()) {
      try {
        outbound.request(messages, callUnderWay());
      } finally {
        steps.leave();
      }
    } else {
      steps.run(() -> outbound.request(messages, callUnderWay()));
    }
  }

  void send(ReqT message) {
    inviting = false; // at once: by the time the step is done, a caller may have sent many more
    if (steps.enter()) {
      try {
        sent(message);
      } finally {
        steps.leave();
      }
    } else {
      steps.run(() -> sent(message));
    }
  }

  private void sent(ReqT message) {
    if (phase == Phase.CLOSED || abandoned) {
      return;
    }
    int size = outbound.message(message, callUnderWay());
    if (phase == Phase.AWAITS_MESSAGE) {
      route(
          channel
              .classifier()
              .classify(GrpcRequest.of(method, terms.options(), headers(), message, size)));
    } else if (attempts.underWay() == null) {
      closeIfTooMuchWaits();
    }
  }

  private void closeIfTooMuchWaits() {
    if (outbound.messages() > 1 && outbound.bytes() > channel.routingBufferBytes()) {
      close(
          Refusal.of(
              Status.RESOURCE_EXHAUSTED.withDescription(
                  "messages of a call that is not routed: "
                      + outbound.bytes()
                      + " bytes (expected: at most "
                      + channel.routingBufferBytes()
                      + "; wait until the call is ready)")));
    }
  }

  void halfClose() {
    if (steps.enter()) {
      try {
        halfClosed();
      } finally {
        steps.leave();
      }
    } else {
      steps.run(this::halfClosed);
    }
  }

  private void halfClosed() {
    if (abandoned) {
      return;
    }
    outbound.halfClose(callUnderWay());
    if (phase == Phase.AWAITS_MESSAGE) {
      route(
          channel
              .classifier()
              .classify(GrpcRequest.withoutMessage(method, terms.options(), headers())));
    }
  }

  void setMessageCompression(boolean enabled) {
    steps.run(
        () -> {
          if (!abandoned) {
            outbound.compression(enabled, callUnderWay());
          }
        });
  }

  private @Nullable ClientCall<ReqT, RespT> callUnderWay() {
    Attempt<ReqT, RespT> attempt = attempts.underWay();
    return attempt == null ? null : attempt.call();
  }

  void cancel(@Nullable String message, @Nullable Throwable cause) {
    canceled = true;
    steps.run(() -> stop(Refusal.cancelled(message, cause), message, cause));
  }

  // On the way

  private void route(InferenceRequest request) {
    inviting = false;
    if (caller().isBusy()) {
      phase = Phase.AWAITS_CALLER;
      inference = request;
    } else {
      begin(request);
    }
  }

  private void begin(InferenceRequest request) {
    phase = Phase.ROUTED;
    attempts.begin(request);
  }

  /** The caller's headers. */
  Metadata headers() {
    return Objects.requireNonNull(headers, "headers");
  }

  ClientCall.Listener<RespT> listener() {
    return caller().listener();
  }

  /** Runs what calls the listener, where and how it is called where no transport does that. */
  void callBack(Runnable callback) {
    caller().run(callback);
  }

  /** An attempt that is given up may still be calling the listener. */
  void listenerInUse() {
    caller().begin();
  }

  /** It does not any more. */
  void listenerFree() {
    caller().done();
  }

  /** The last attempt is over, and the caller hears of that by it. */
  void ended() {
    phase = Phase.CLOSED;
  }

  // How it ends without an attempt

  /** The channel is shut down at once; attempts end by themselves then. */
  void shutDownNow() {
    steps.run(
        () -> {
          if (attempts.underWay() == null) {
            stop(channel.waiting().refusal(), null, null);
          }
        });
  }

  /** The deadline has passed or the context was cancelled while the call was waiting. */
  void waitEnded(Status status) {
    boolean timer = status.getDescription() == null && status.getCause() == null;
    stop(timer ? expired() : Refusal.of(status), null, null);
  }

  private void stop(Refusal reason, @Nullable String message, @Nullable Throwable cause) {
    Attempt<ReqT, RespT> attempt = attempts.underWay();
    if (attempt != null) {
      abandoned = true;
      attempt.cancel(message, cause);
    } else if (phase == Phase.NEW) {
      endedBefore = reason; // it may be about to be started
    } else if (phase != Phase.CLOSED) {
      close(reason);
    }
  }

  /**
   * A callback has thrown: the attempt ends as if it were the endpoint's channel that had called.
   */
  void callbackFailed(Attempt<ReqT, RespT> attempt, Throwable thrown) {
    steps.run(
        () -> {
          abandoned |= attempts.underWay() == attempt;
          attempt.call().cancel("Failed to call the listener.", thrown);
        });
  }

  /** Tells the caller of an end that no attempt tells of. By steps only. */
  void close(Refusal reason) {
    phase = Phase.CLOSED;
    inviting = false;
    outbound.forget();
    wait.end();
    attempts.end();
    caller().close(reason);
  }

  private Caller<RespT> caller() {
    return Objects.requireNonNull(caller, "caller");
  }

  private Refusal expired() {
    return Refusal.of(
        Status.DEADLINE_EXCEEDED.withDescription(
            "deadline exceeded before the call was sent to an endpoint (it was waiting for "
                + switch (phase) {
                  case AWAITS_MESSAGE, AWAITS_CALLER -> "its first message";
                  case ROUTED -> attempts.awaited();
                  case NEW, CLOSED -> "nothing";
                }
                + ")"));
  }

  @Override
  public String toString() {
    return method.getFullMethodName();
  }
}
