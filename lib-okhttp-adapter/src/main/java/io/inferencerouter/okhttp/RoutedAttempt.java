package io.inferencerouter.okhttp;

import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import io.inferencerouter.Usage;
import io.inferencerouter.okhttp.internal.api.StreamEnd;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a request: the lease, and the call of the client that uses it. However many ends
 * the attempt comes to, the first one completes the lease and the others change nothing.
 *
 * <p>It travels as a tag of the request that is sent, by which an interceptor knows that there is a
 * lease already. The tag outlives the attempt in {@code Response.request()}; so it counts for one
 * call only, and only while the lease lasts.
 *
 * <p>Safe for use by many threads.
 */
final class RoutedAttempt {
  private final Lease lease;
  private volatile @Nullable Call call;
  private volatile boolean canceled;

  /** Why it was given up, or ended, because the router took it back. Written under the monitor. */
  private volatile @Nullable Revocation revocation;

  private boolean passedOn;
  private volatile boolean sent;
  private volatile @Nullable Rewrite rewrite;
  private volatile @Nullable Throwable ofCaller;
  private @Nullable Call carrier;
  private int refusals;
  private boolean processed;

  RoutedAttempt(Lease lease) {
    this.lease = lease;
  }

  /** What changed when a request became one to an endpoint: its URL, and maybe its body. */
  private record Rewrite(
      HttpUrl url, HttpUrl sentUrl, @Nullable RequestBody body, @Nullable RequestBody sentBody) {
    Request undo(Request request) {
      boolean sameUrl = sentUrl.equals(request.url());
      boolean sameBody = body != sentBody && request.body() == sentBody;
      if (!sameUrl && !sameBody) {
        return request;
      }
      Request.Builder undone = request.newBuilder();
      if (sameUrl) {
        undone.url(url);
      }
      if (sameBody) {
        undone.method(request.method(), body);
      }
      return undone.build();
    }
  }

  Lease lease() {
    return lease;
  }

  /**
   * The request as it goes to the endpoint of the lease, asking for the model of the lease. One
   * that was made from a request that has been sent before starts from what that one was before.
   *
   * @throws IOException if it cannot be sent there
   */
  Request address(Request request) throws IOException {
    Request logical = logical(request);
    requireLength(logical.body());
    Request addressed =
        EndpointTarget.of(lease.endpoint())
            .address(ModelRewrite.apply(logical, lease))
            .tag(RoutedAttempt.class, this)
            .build();
    rewrite = new Rewrite(logical.url(), addressed.url(), logical.body(), addressed.body());
    return addressed;
  }

  /** Asks for the length here, where it is known who fails when it cannot be told. */
  private void requireLength(@Nullable RequestBody body) throws IOException {
    try {
      if (body != null) {
        body.contentLength();
      }
    } catch (IOException | RuntimeException e) {
      blameCaller(e);
      throw e;
    }
  }

  /** The request as it was before an earlier attempt sent it, as far as it is still that one. */
  static Request logical(Request request) {
    RoutedAttempt earlier = request.tag(RoutedAttempt.class);
    Rewrite done = earlier == null ? null : earlier.rewrite;
    return done == null ? request : done.undo(request);
  }

  /**
   * How the answer ends, if it is a stream of an API that is known; otherwise that is not known.
   */
  StreamEnd streamEnd() {
    Rewrite sent = rewrite;
    return sent != null && lease.request().streaming()
        ? StreamEnd.at(sent.sentUrl().encodedPath())
        : StreamEnd.UNKNOWN;
  }

  /**
   * Whether a request with this attempt as its tag, seen in that call, is the one that the lease is
   * for. The first call that is seen with it is its own.
   */
  synchronized boolean isCarriedBy(Call other) {
    if (carrier == null) {
      carrier = other;
    }
    return carrier == other && !lease.isComplete();
  }

  /** Notes that the request is about to be written to a connection. */
  void sending() {
    sent = true;
  }

  /** Whether the endpoint may have got something of the request. */
  boolean isSent() {
    return sent;
  }

  /** Notes that the endpoint did not look at the request, and says how often that was. */
  synchronized int refused() {
    return ++refusals;
  }

  /** Notes that somebody has answered the request, or may have looked at it. */
  synchronized void mayBeProcessed() {
    processed = true;
  }

  /** Whether the request was refused each time it was sent, so that nobody has looked at it. */
  synchronized boolean isRefused() {
    return refusals > 0 && !processed;
  }

  /** The call in use, if there is one yet. */
  @Nullable Call call() {
    return call;
  }

  /** Binds the call that is about to be executed. */
  void use(Call real) {
    call = real;
    if (canceled || revocation != null) {
      real.cancel();
    }
  }

  /**
   * From now on, gives the attempt up when the router takes it back.
   *
   * @param leave leaves it by what it is given, if another attempt can be made in its place; says
   *     whether it was left
   * @param cancel ends what is under way, when it is no use any more
   */
  void listen(Predicate<BooleanSupplier> leave, Runnable cancel) {
    lease.onRevoked(
        why -> {
          if (why.isFinal() ? end(why) : !isPassedOn() && leave.test(() -> giveUp(why))) {
            cancel.run();
          }
        });
  }

  private synchronized boolean isPassedOn() {
    return passedOn;
  }

  private synchronized boolean end(Revocation why) {
    revocation = why;
    return true;
  }

  /** Either the caller has the answer, or the attempt is given up; never both, nor neither. */
  private synchronized boolean giveUp(Revocation why) {
    if (passedOn || !lease.complete(why.outcome())) {
      return false;
    }
    revocation = why;
    return true;
  }

  /**
   * Passes the answer on to the caller, from where nobody can take it back.
   *
   * @throws IOException if the attempt was given up before
   */
  synchronized void passOn() throws IOException {
    if (revocation != null) {
      throw LeaseWait.cancellation();
    }
    passedOn = true;
  }

  /** The failure, with the reason if it is the router's doing. */
  IOException explained(IOException failure) {
    Revocation why = revocation;
    if (why == null || failure == ofCaller) {
      return failure;
    }
    String reason = "attempt: taken back by the router (" + why + ")";
    IOException explained =
        why == Revocation.STALLED ? new InterruptedIOException(reason) : new IOException(reason);
    explained.initCause(failure);
    return explained;
  }

  /** Ends the call, if there is one yet; otherwise it ends when it begins. */
  void cancelCall() {
    Call real = call;
    if (real != null) {
      real.cancel();
    }
  }

  /** Ends the attempt because the caller wants it to end. */
  void cancel() {
    canceled = true;
    lease.complete(Outcome.cancelled());
    cancelCall();
  }

  /** Ends the attempt because there is nobody who reads on. */
  void abandon() {
    lease.complete(Outcome.cancelled());
  }

  void succeed(Usage usage) {
    lease.complete(usage.isKnown() ? Outcome.success().withUsage(usage) : Outcome.success());
  }

  /** Ends the attempt because something was thrown; by the caller's own doing, it is a cancel. */
  void fail(Throwable failure) {
    lease.complete(
        failure == ofCaller ? Outcome.cancelled() : Outcomes.ofFailure(failure, isCanceled()));
  }

  /** Notes that this, which is about to be thrown, is the caller's own doing. */
  void blameCaller(Throwable failure) {
    ofCaller = failure;
  }

  /** Whether the caller has cancelled it, or its time is over; not if it was taken back. */
  boolean isCanceled() {
    Call real = call;
    return canceled || (real != null && real.isCanceled() && !isGivenUp());
  }

  /**
   * Whether its answer is still wanted: nobody has cancelled it, and neither is its time over, nor
   * its lease lost.
   */
  boolean isWanted() {
    Revocation why = revocation;
    Call real = call;
    return !canceled
        && why != Revocation.RECLAIMED
        && (why != null || real == null || !real.isCanceled());
  }

  /** Whether the router has taken it back, or ended it. */
  boolean isTakenBack() {
    return revocation != null;
  }

  private boolean isGivenUp() {
    Revocation why = revocation;
    return why != null && !why.isFinal();
  }

  void end(Outcome outcome) {
    lease.complete(outcome);
  }
}
