package io.inferencerouter.grpc;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Lease;
import io.inferencerouter.LoadReport;
import io.inferencerouter.Outcome;
import io.inferencerouter.Outcome.Progress;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.load.OrcaLoadReport;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call: the lease, the place in the endpoint's channel, and the call of that
 * channel, whose listener it is. The lease is told what happens, and ends before the caller hears
 * of the end.
 *
 * <p>The transport calls it one event after another; {@link #cancel} may come at any time.
 */
final class Attempt<ReqT, RespT> extends ClientCall.Listener<RespT> {
  private static final Metadata.Key<byte[]> LOAD_REPORT =
      Metadata.Key.of("endpoint-load-metrics-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** How long the lease of an answer that has arrived and is not read is kept. */
  static final long UNREAD_NANOS = 10_000_000_000L;

  private final CallAttempts<ReqT, RespT> owner;
  private final ClientCall.Listener<RespT> caller;
  private final Lease lease;
  private final EndpointChannel channel;
  private final StreamWatch watch;
  private final ClientCall<ReqT, RespT> call;
  private final @Nullable EventGate gate;
  private final Turn turn;
  private final Hearing hearing = new Hearing();
  private volatile boolean started;
  private volatile boolean caughtUp;
  private volatile boolean aborted;
  private volatile Scheduler.@Nullable Cancellation unread;
  private volatile Revocation revocation = Revocation.RECLAIMED;
  private boolean answered;

  Attempt(
      CallAttempts<ReqT, RespT> owner,
      ClientCall.Listener<RespT> caller,
      Lease lease,
      EndpointChannel channel,
      StreamWatch watch,
      ClientCall<ReqT, RespT> call,
      @Nullable EventGate gate,
      Turn turn) {
    this.owner = owner;
    this.caller = caller;
    this.lease = lease;
    this.channel = channel;
    this.watch = watch;
    this.call = call;
    this.gate = gate;
    this.turn = turn;
    watch.watch(this);
  }

  /** From now on the router may take it back, and hears who keeps whom waiting. */
  void listen() {
    turn.tell(lease);
    lease.onRevoked(why -> owner.revoked(this, why));
  }

  void start(Metadata headers) {
    call.start(this, headers);
    started = gate == null;
  }

  /**
   * What the caller has sent so far has been passed on. Only now may it be told that it may go on:
   * as long as something is on its way, the call looks as if it could take more than it can.
   */
  void caughtUp(Executor executor) {
    caughtUp = true;
    if (gate != null) {
      started = true;
      gate.open(executor);
    }
  }

  /**
   * Sees to it that the lease ends also if the caller never reads a stream that the server has
   * ended: after a time the endpoint, at least, is done with it.
   */
  void limitUnread(Timers timers) {
    watch.whenAnswered(
        () -> unread = timers.schedule(UNREAD_NANOS, () -> lease.complete(Outcome.cancelled())));
  }

  /** The start failed: whatever else the call may say is not heard. */
  void abort(Throwable cause) {
    aborted = true;
    call.cancel("failed to start", cause);
  }

  /** Whether the caller may look at the call. */
  boolean isStarted() {
    return started;
  }

  /** Whether the call has been given everything that came before it began. */
  boolean isCaughtUp() {
    return caughtUp;
  }

  ClientCall<ReqT, RespT> call() {
    return call;
  }

  /** Ends the attempt because the caller wants it to end; the caller hears of it by the call. */
  void cancel(@Nullable String message, @Nullable Throwable cause) {
    lease.complete(Outcome.cancelled());
    call.cancel(message, cause);
  }

  /**
   * Leaves the attempt, for another one, if nothing has happened: the caller never hears of it.
   *
   * @return whether it was left
   */
  boolean leave() {
    if (!hearing.leave()) {
      return false;
    }
    lease.complete(Outcome.cancelled());
    call.cancel("goes to another endpoint: there is no stream on this connection", null);
    return true;
  }

  /**
   * Ends the attempt because the router takes it back, if it is not too late: with a revocation
   * that is not final, when something of an answer has come. The call is for the owner to cancel,
   * and then he hears when it has ended.
   *
   * @return whether it was taken back; the caller hears nothing more of it then
   */
  boolean takeBack(Revocation why) {
    revocation = why;
    if (!hearing.takeBack(why.isFinal() ? Hearing.Stage.ANSWERED : Hearing.Stage.READY)) {
      return false;
    }
    lease.complete(why.outcome());
    return true;
  }

  /** It waits for a stream, and there is none. */
  void stuck() {
    owner.stuck(this);
  }

  /** Its headers have been sent. */
  void headersOut() {
    owner.headersOut(this);
  }

  @Override
  public void onHeaders(Metadata headers) {
    if (passes() || !held(() -> headers(headers))) {
      headers(headers);
    }
  }

  private void headers(Metadata headers) {
    if (hearing.reaches(Hearing.Stage.ANSWERED)) {
      settle();
      turn.enter();
      caller.onHeaders(headers);
      turn.leave();
    }
  }

  @Override
  public void onMessage(RespT message) {
    if (passes() || !held(() -> message(message))) {
      message(message);
    }
  }

  private void message(RespT message) {
    if (hearing.reaches(Hearing.Stage.ANSWERED)) {
      settle();
      lease.progress(1);
      turn.answered();
      caller.onMessage(message);
      turn.leave();
    }
  }

  /** Something was delivered: from here on the caller is bound to this attempt. */
  private void settle() {
    if (!answered) {
      answered = true;
      owner.settle();
    }
  }

  @Override
  public void onReady() {
    if (passes() || !held(this::ready)) {
      ready();
    }
  }

  private void ready() {
    started = true; // it may come before start has returned, and a caller asks whether it is true
    if (hearing.reaches(Hearing.Stage.READY)) {
      turn.enter();
      caller.onReady();
      turn.leave();
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    if (aborted) {
      return;
    }
    Status end = watch.isAnswered() ? status : Outcomes.ofTransport(status);
    if (passes() || !held(() -> close(end, trailers))) {
      close(end, trailers);
    }
  }

  private void close(Status status, Metadata trailers) {
    if (!hearing.reaches(Hearing.Stage.OVER)) {
      channel.leave();
      owner.streamFreedAt(channel);
      if (hearing.isTakenBack()) {
        cancelUnread();
        owner.gone(revocation, watch.isSent());
      }
      return;
    }
    byte[] report = trailers.get(LOAD_REPORT);
    if (report != null) {
      LoadReport load = OrcaLoadReport.parse(report);
      if (!load.isEmpty()) {
        lease.loadReport(load);
      }
    }
    cancelUnread();
    channel.leave();
    boolean byServer = watch.isSent() && Outcomes.isCancel(status) && !owner.isCancelled();
    Status meant = byServer ? Outcomes.ofServersCancel(status) : status;
    Status told = watch.isAnswered() ? status : meant;
    boolean unseen = !watch.isAnswered() && Outcomes.isUnseen(meant);
    Outcome outcome = owner.outcome(meant, trailers, unseen);
    lease.complete(outcome);
    owner.streamFreedAt(channel);
    if (owner.mayTryAgain(meant, trailers, watch.isAnswered())) {
      owner.failed(
          told,
          trailers,
          outcome.withProgress(watch.isSent() && !unseen ? Progress.SENT : Progress.NOTHING_SENT));
    } else {
      owner.ended();
      caller.onClose(told, trailers);
    }
  }

  private void cancelUnread() {
    Scheduler.Cancellation timer = unread;
    if (timer != null) {
      timer.cancel();
    }
  }

  private boolean passes() {
    return gate == null || gate.isOpen();
  }

  /** As what calls a listener does otherwise: a callback that throws ends the call. */
  private boolean held(Runnable event) {
    return gate != null
        && gate.hold(
            () -> {
              try {
                event.run();
              } catch (Throwable thrown) {
                owner.callbackFailed(this, thrown);
              }
            });
  }
}
