package io.inferencerouter.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.grpc.internal.concurrent.Steps;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of a call whose request is known: one at a time, each after a search. Another one
 * follows where one fails and nothing has come of it, and where one waits for a stream while
 * another endpoint has one.
 *
 * <p>Used by steps only, but for what attempts report, and {@link #current}.
 */
final class Attempts<ReqT, RespT> implements EndpointSearch.Seeker {
  private enum Phase {
    IDLE,
    SEARCHES,
    SENT,
    /** The server that was tried wants to be left alone for a while. */
    AWAITS_RETRY
  }

  private final CallRoute<ReqT, RespT> route;
  private final CallTerms<ReqT, RespT> terms;
  private final RoutingChannel channel;
  private final Steps steps;
  private final Outbound<ReqT> outbound;
  private final CallWait wait;
  private final Tried tried = new Tried();
  private final EndpointSearch search;

  /** Written by steps, read by anybody. */
  private volatile @Nullable Attempt<ReqT, RespT> current;

  private Phase phase = Phase.IDLE;
  private @Nullable InferenceRequest inference;
  private @Nullable Refusal lastFailure;

  Attempts(
      CallRoute<ReqT, RespT> route,
      CallTerms<ReqT, RespT> terms,
      Steps steps,
      Outbound<ReqT> outbound,
      CallWait wait) {
    this.route = route;
    this.terms = terms;
    this.channel = terms.channel();
    this.steps = steps;
    this.outbound = outbound;
    this.wait = wait;
    this.search = new EndpointSearch(channel, this, steps, tried, terms.options().isWaitForReady());
  }

  /** The last attempt; null if there is none, or if it has failed and another one may follow. */
  @Nullable Attempt<ReqT, RespT> current() {
    return current;
  }

  /** The attempt that takes what the caller sends; null if none does now. */
  @Nullable Attempt<ReqT, RespT> underWay() {
    return phase == Phase.SENT ? current : null;
  }

  void begin(InferenceRequest request) {
    inference = request;
    searchEndpoint();
  }

  private InferenceRequest inference() {
    return Objects.requireNonNull(inference, "inference");
  }

  private void searchEndpoint() {
    phase = Phase.SEARCHES;
    search.begin(inference(), terms.deadline());
  }

  @Override
  public void waits() {
    wait.begin();
  }

  @Override
  public void notFound(Refusal reason) {
    route.close(Objects.requireNonNullElse(lastFailure, reason));
  }

  @Override
  public void found(Lease lease, EndpointChannel target) {
    Attempt<ReqT, RespT> next = null;
    Context before = terms.context().attach();
    try {
      StreamWatch streams = new StreamWatch(target, channel.shortage());
      CallOptions here =
          channel.mayWaitHere(terms.method(), terms.options(), lease, tried)
              ? terms.options()
              : terms.options().withoutWaitForReady();
      Metadata sentHeaders = target.headers(lease.endpoint()).over(route.headers());
      ClientCall<ReqT, RespT> call =
          target.channel().newCall(terms.method(), here.withStreamTracerFactory(streams));
      EventGate gate = terms.method().getType().clientSendsOneMessage() ? null : new EventGate();
      next = new Attempt<>(this, route.listener(), lease, target, streams, call, gate);
      if (!terms.method().getType().serverSendsOneMessage()) {
        next.limitUnread(channel.timers());
      }
      phase = Phase.SENT;
      outbound.startOver();
      current = next;
      next.start(sentHeaders);
    } catch (RuntimeException | LinkageError e) {
      current = null;
      if (next != null) {
        next.abort(e);
      }
      target.leave();
      streamFreedAt(target);
      cannotEnter(lease, e);
      return;
    } finally {
      terms.context().detach(before);
    }
    tried.add(lease.endpoint().id());
    wait.end();
    try {
      outbound.replay(next.call());
    } finally {
      next.caughtUp(route::callBack);
    }
  }

  @Override
  public void cannotEnter(Lease lease, Throwable failure) {
    Refusal refusal = Refusal.byChannel(lease.endpoint(), failure);
    Status status = refusal.status();
    lease.complete(Outcomes.of(status, refusal.trailers()));
    tried.add(lease.endpoint().id());
    if (status.getCode() == Status.Code.UNAVAILABLE && mayBeFollowed()) {
      lastFailure = refusal;
      searchEndpoint();
    } else {
      route.close(refusal);
    }
  }

  private boolean mayBeFollowed() {
    return tried.count() < channel.maxAttempts() && !route.isCanceled() && !channel.isShutdown();
  }

  // What attempts report

  /** Something was delivered to the caller. */
  void settle() {
    outbound.settle();
    if (outbound.isLarge()) {
      steps.run(outbound::forget);
    }
  }

  /** What an attempt has come to. */
  Outcome outcome(Status status, Metadata trailers) {
    boolean ours = route.isCanceled() || (channel.isShutdownNow() && !status.isOk());
    return ours ? Outcome.cancelled() : Outcomes.of(status, trailers);
  }

  /** A call has left the channel of an endpoint. */
  void streamFreedAt(EndpointChannel target) {
    channel.shortage().streamFreed(target.endpoint());
  }

  /** The attempt under way is over, and the caller hears of that by it. */
  void ended() {
    steps.run(
        () -> {
          phase = Phase.IDLE;
          route.ended();
        });
  }

  /** Whether another attempt is worth a step: a first look, at what anybody may see. */
  boolean mayTryAgain(Status status, Metadata trailers) {
    return !outbound.isSettled()
        && !route.isCanceled()
        && status.getCode() == Status.Code.UNAVAILABLE
        && !Pushback.forbidsRetry(trailers);
  }

  /** The attempt under way has failed, with nothing delivered, and may be followed by another. */
  void failed(Attempt<ReqT, RespT> failed, Status status, Metadata trailers) {
    steps.run(
        () -> {
          Refusal failure = new Refusal(status, trailers);
          current = null;
          if (outbound.isSettled()
              || !mayBeFollowed()
              || !CallLimits.isSafe(inference(), failed.watch())) {
            route.close(failure);
          } else {
            lastFailure = failure;
            tryAgainAfter(CallLimits.pauseNanos(trailers), failure);
          }
        });
  }

  private void tryAgainAfter(long nanos, Refusal failure) {
    if (nanos == 0) {
      searchEndpoint();
      return;
    }
    Deadline deadline = terms.deadline();
    boolean inTime = deadline == null || deadline.timeRemaining(TimeUnit.NANOSECONDS) > nanos;
    phase = Phase.AWAITS_RETRY;
    if (inTime && channel.timers().schedule(nanos, () -> steps.run(this::resume)) != null) {
      wait.begin();
    } else {
      route.close(failure);
    }
  }

  private void resume() {
    if (phase == Phase.AWAITS_RETRY) {
      searchEndpoint();
    }
  }

  /**
   * The attempt waits for a stream of a connection that has none. If another endpoint has one, the
   * call goes there. As the connection may get one at the same moment, so that its server sees the
   * beginning of a call that is cancelled, that has to be harmless.
   */
  void stuck(Attempt<ReqT, RespT> waiting) {
    steps.run(
        () -> {
          if (underWay() == waiting
              && !outbound.isSettled()
              && !route.isCanceled()
              && CallLimits.isHarmlessTwice(inference())) {
            move(waiting);
          }
        });
  }

  private void move(Attempt<ReqT, RespT> waiting) {
    EndpointSearch.Place place = search.elsewhere(waiting.lease());
    if (place == null) {
      return;
    }
    if (waiting.leave()) {
      tried.moved();
      found(place.lease(), place.channel());
    } else {
      place.channel().leave();
      place.lease().close();
      streamFreedAt(place.channel());
    }
  }

  /** What is waited for, in words. */
  String awaited() {
    return phase == Phase.AWAITS_RETRY ? "the time to try again" : search.awaited();
  }

  /** No attempt will follow. */
  void end() {
    phase = Phase.IDLE;
    search.end();
  }
}
