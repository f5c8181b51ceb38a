package io.inferencerouter.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Attempts;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Outcome.Progress;
import io.inferencerouter.Revocation;
import io.inferencerouter.grpc.internal.concurrent.Steps;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of a call whose request is known: one at a time, each after a search. Which may
 * follow is for the router to say; here it is found out how far each came, and whether everything
 * that was sent is at hand. An attempt that waits for a stream moves where another endpoint has
 * one; one that the router takes back before anything of an answer has come is made elsewhere.
 *
 * <p>Used by steps only, but for what attempts report, and {@link #current}.
 */
final class CallAttempts<ReqT, RespT> implements EndpointSearch.Seeker {
  private enum Phase {
    IDLE,
    SEARCHES,
    SENT,
    /** The attempt was taken back, and its call has not ended. */
    LEAVES
  }

  private final CallRoute<ReqT, RespT> route;
  private final CallTerms<ReqT, RespT> terms;
  private final RoutingChannel channel;
  private final Steps steps;
  private final Outbound<ReqT> outbound;
  private final CallWait wait;
  private final EndpointSearch search;

  /** Written by steps, read by anybody. */
  private volatile @Nullable Attempt<ReqT, RespT> current;

  private Phase phase = Phase.IDLE;
  private @Nullable InferenceRequest inference;
  private @Nullable Attempts row;
  private @Nullable Refusal lastFailure;

  /** Whether the call, which waits for ready, waits at whichever endpoint it comes to. */
  private boolean staysWhereItIs;

  CallAttempts(
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
    this.search = new EndpointSearch(channel, this, steps, terms.options().isWaitForReady());
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
    beginRow();
  }

  private void beginRow() {
    InferenceRequest request = Objects.requireNonNull(inference, "inference");
    Deadline deadline = terms.deadline();
    row =
        channel
            .router()
            .attempts(deadline == null ? request : CallLimits.within(request, deadline));
    searchEndpoint();
  }

  private Attempts row() {
    return Objects.requireNonNull(row, "row");
  }

  private void searchEndpoint() {
    phase = Phase.SEARCHES;
    search.begin(row());
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
      CallOptions here = waitsHere(lease) ? terms.options() : terms.options().withoutWaitForReady();
      Metadata sentHeaders = target.headers(lease.endpoint()).over(route.headers());
      ClientCall<ReqT, RespT> call =
          target.channel().newCall(terms.method(), here.withStreamTracerFactory(streams));
      EventGate gate = terms.method().getType().clientSendsOneMessage() ? null : new EventGate();
      next =
          new Attempt<>(this, route.listener(), lease, target, streams, call, gate, route.turn());
      if (!terms.method().getType().serverSendsOneMessage()) {
        next.limitUnread(channel.timers());
      }
      phase = Phase.SENT;
      outbound.startOver();
      current = next;
      next.listen();
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
    wait.end();
    try {
      outbound.replay(next.call());
    } finally {
      next.caughtUp(route::callBack);
    }
  }

  /** Whether a call that waits for ready waits at this endpoint, rather than to try others. */
  private boolean waitsHere(Lease lease) {
    return !terms.options().isWaitForReady()
        || staysWhereItIs
        || !terms.method().getType().clientSendsOneMessage()
        || !channel.elsewhere().existsFor(lease);
  }

  @Override
  public void cannotEnter(Lease lease, Throwable failure) {
    Refusal refusal = Refusal.byChannel(lease.endpoint(), failure);
    Outcome outcome = Outcomes.of(refusal.status(), refusal.trailers());
    lease.complete(outcome);
    ended(refusal, Outcomes.mayPass(refusal.status()), outcome.withProgress(Progress.NOTHING_SENT));
  }

  // What attempts report

  /** Something was delivered to the caller. */
  void settle() {
    outbound.spend();
    if (outbound.isLarge()) {
      steps.run(outbound::forget);
    }
  }

  /** The headers of an attempt are out. If it is the last one, nothing need be kept for another. */
  void headersOut(Attempt<ReqT, RespT> attempt) {
    if (!terms.method().getType().clientSendsOneMessage()) {
      steps.run(
          () -> {
            if (underWay() == attempt && row().isLast()) {
              outbound.settle();
            }
          });
    }
  }

  /**
   * What an attempt has come to.
   *
   * @param unseen whether the server has refused it without looking at it
   */
  Outcome outcome(Status status, Metadata trailers, boolean unseen) {
    if (route.isCanceled() || (channel.waiting().isShutdownNow() && !status.isOk())) {
      return Outcome.cancelled();
    }
    return unseen ? Outcome.rateLimited() : Outcomes.of(status, trailers);
  }

  /** A callback that was held back has thrown. */
  void callbackFailed(Attempt<ReqT, RespT> attempt, Throwable thrown) {
    route.callbackFailed(attempt, thrown);
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

  /** Whether the caller has cancelled the call, or what he runs in was. */
  boolean isCancelled() {
    return route.isCanceled() || terms.context().isCancelled();
  }

  /**
   * Whether another attempt is worth a step: a first look, at what anybody may see.
   *
   * @param answered whether the server has ended its answer, so that the status is its own
   */
  boolean mayTryAgain(Status status, Metadata trailers, boolean answered) {
    return (Outcomes.mayPass(status) || (!answered && Outcomes.isBroken(status)))
        && !outbound.isSpent()
        && !route.isCanceled()
        && !Pushback.forbidsRetry(trailers);
  }

  /**
   * The attempt under way has failed, with nothing delivered, and may be followed by another.
   *
   * @param outcome with which its lease has ended, and how far it came
   */
  void failed(Status status, Metadata trailers, Outcome outcome) {
    steps.run(
        () -> {
          current = null;
          // Also what the server has not seen cannot be said again where nothing was kept of it
          Outcome far = outbound.isSettled() ? outcome.withProgress(Progress.SENT) : outcome;
          ended(new Refusal(status, trailers), true, far);
        });
  }

  private void ended(Refusal failure, boolean mayPass, Outcome outcome) {
    if (!mayPass || outbound.isSpent() || route.isCanceled() || channel.isShutdown()) {
      route.close(failure);
    } else if (row().retryAfter(outcome).isPresent()) {
      lastFailure = failure;
      searchEndpoint();
    } else if (mayStay(outcome)) {
      staysWhereItIs = true;
      beginRow();
    } else {
      route.close(row().exhausted().map(failure::because).orElse(failure));
    }
  }

  /** Whether a call has been looking for an endpoint that is ready, and is to wait for one now. */
  private boolean mayStay(Outcome outcome) {
    return terms.options().isWaitForReady()
        && !staysWhereItIs
        && outcome.progress().filter(Progress.NOTHING_SENT::equals).isPresent();
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
              && CallLimits.isHarmlessTwice(row().request())) {
            EndpointSearch.Place place = search.elsewhere(waiting::leave);
            if (place != null) {
              found(place.lease(), place.channel());
            }
          }
        });
  }

  /**
   * The router takes an attempt back. If that is final, the call ends; otherwise it is made
   * elsewhere, if it can be. The caller is not called by two attempts at a time: what comes next,
   * comes when the call of this one has ended.
   */
  void revoked(Attempt<ReqT, RespT> attempt, Revocation why) {
    steps.run(
        () -> {
          if (underWay() == attempt
              && (why.isFinal() ? attempt.takeBack(why) : leave(attempt, why))) {
            phase = Phase.LEAVES;
            current = null;
            route.listenerInUse();
            attempt.call().cancel("taken back by the router (" + why + ")", null);
            if (why.isFinal()) {
              route.close(Refusal.takenBack(why));
            } else {
              wait.begin();
            }
          }
        });
  }

  private boolean leave(Attempt<ReqT, RespT> attempt, Revocation why) {
    return !outbound.isSettled()
        && !route.isCanceled()
        && !channel.isShutdown()
        && row().leave(() -> attempt.takeBack(why));
  }

  /** The call of an attempt that was taken back has ended. */
  void gone(Revocation why, boolean sent) {
    steps.run(
        () -> {
          route.listenerFree();
          if (phase == Phase.LEAVES) {
            ended(
                Refusal.takenBack(why),
                true,
                why.outcome().withProgress(sent ? Progress.SENT : Progress.NOTHING_SENT));
          }
        });
  }

  /** What is waited for, in words. */
  String awaited() {
    return phase == Phase.LEAVES ? "another attempt" : search.awaited();
  }

  /** No attempt will follow. */
  void end() {
    phase = Phase.IDLE;
    search.end();
    Attempts last = row;
    if (last != null) {
      last.end();
    }
  }
}
