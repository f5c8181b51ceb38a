package io.inferencerouter.okhttp;

import io.inferencerouter.Lease;
import io.inferencerouter.OverloadedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import okhttp3.Call;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way: it waits for a lease, then there is an attempt, and maybe all that again.
 *
 * <p>{@link #cancel} can come at any time. Each stage is first published in a volatile field and
 * then looks whether the request is cancelled; cancelling first says so and then looks at the
 * fields. So one of the two sees the other.
 *
 * <p>Safe for use by many threads; it is asked once, and attempted by one thread at a time.
 */
final class RoutedRequest {
  private final Routing routing;
  private final Request request;
  private volatile boolean canceled;
  private volatile @Nullable LeaseWait waiting;
  private volatile @Nullable RoutedAttempt attempt;
  private @Nullable CallAttempts attempts;

  RoutedRequest(Routing routing, Request request) {
    this.routing = routing;
    this.request = request;
  }

  /** Goes on when an asynchronous wait is over. */
  interface Next {
    /** The wait is over; this does not say how it ended. */
    void proceed(LeaseWait wait);

    /** There is no wait, or nobody to go on after it. */
    void fail(IOException reason);
  }

  /** Asks for a lease. Nothing in it waits. */
  LeaseWait ask(CallDeadline deadline) throws IOException {
    if (canceled) {
      throw LeaseWait.cancellation();
    }
    CallAttempts all = new CallAttempts(routing, request, deadline);
    attempts = all;
    LeaseWait wait = all.first();
    waits(wait);
    return wait;
  }

  /** Asks for a lease for the rest of a streamed answer; null if there is to be none. */
  @Nullable LeaseWait askForRest(Request rest) {
    CallAttempts all = attempts().continued(rest);
    if (all == null) {
      return null;
    }
    attempts = all;
    LeaseWait wait = all.first();
    waits(wait);
    return wait;
  }

  /** Makes the attempts, one after another on this thread; what came of the last. */
  Answer attemptAll(LeaseWait first, CallAttempts.Transport transport) {
    Answer answer = attempts().make(first, null, transport);
    LeaseWait wait = answer.next();
    while (wait != null) {
      answer = attempts().make(wait, answer, transport);
      wait = answer.next();
    }
    return answer;
  }

  /** Notes what it waits for now. */
  void waits(LeaseWait wait) {
    waiting = wait;
    if (canceled) {
      wait.giveUp(LeaseWait.cancellation());
    }
  }

  /** The attempts, once it has been asked for the first. */
  CallAttempts attempts() {
    return Objects.requireNonNull(attempts, "attempts");
  }

  /** Asks for a lease and goes on, both on the executor, which has nothing to do in between. */
  void ask(CallDeadline deadline, Executor executor, Next next) {
    dispatch(executor, () -> start(deadline, executor, next), next::fail);
  }

  private void start(CallDeadline deadline, Executor executor, Next next) {
    LeaseWait wait;
    try {
      wait = ask(deadline);
    } catch (IOException e) {
      next.fail(e);
      return;
    }
    goOn(wait, executor, next);
  }

  /** Goes on when a wait is over: at once, or on the executor. */
  static void goOn(LeaseWait wait, Executor executor, Next next) {
    if (wait.isOver()) {
      next.proceed(wait);
    } else {
      wait.whenOver(
          () ->
              dispatch(
                  executor,
                  () -> next.proceed(wait),
                  rejected -> {
                    wait.abandon(rejected);
                    next.fail(rejected);
                  }));
    }
  }

  private static void dispatch(Executor executor, Runnable task, Rejection onRejection) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      InterruptedIOException rejected = new InterruptedIOException("executor rejected");
      rejected.initCause(e);
      onRejection.accept(rejected);
    }
  }

  private interface Rejection {
    void accept(IOException rejected);
  }

  /**
   * Begins the attempt, as soon as there is a lease.
   *
   * @throws OverloadedException if the request was shed
   * @throws IOException if there will be no lease
   */
  RoutedAttempt attempt(LeaseWait wait) throws IOException {
    Lease lease = wait.await();
    RoutedAttempt current = new RoutedAttempt(lease);
    attempt = current;
    if (canceled) {
      current.abandon();
      throw LeaseWait.cancellation();
    }
    return current;
  }

  /** The client's call, if there is one yet. */
  @Nullable Call call() {
    RoutedAttempt current = attempt;
    return current == null ? null : current.call();
  }

  /** Gives the wait up, and ends the attempt. */
  void cancel() {
    canceled = true;
    LeaseWait wait = waiting;
    if (wait != null) {
      wait.giveUp(LeaseWait.cancellation());
    }
    RoutedAttempt current = attempt;
    if (current != null) {
      current.cancel();
    }
  }

  /** Whether it was cancelled, by time-out or otherwise. */
  boolean isCanceled() {
    LeaseWait wait = waiting;
    RoutedAttempt current = attempt;
    return canceled
        || (wait != null && wait.isTimedOut())
        || (current != null && current.isCanceled());
  }
}
