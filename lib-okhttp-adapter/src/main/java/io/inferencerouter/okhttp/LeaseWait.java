package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.OverloadedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import okio.AsyncTimeout;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The wait of a call for its lease. It ends with the lease, with the router's refusal, or when it
 * is given up; a lease that is granted at that very moment goes back.
 *
 * <p>Safe for use by many threads.
 */
final class LeaseWait {
  private final CompletableFuture<Lease> lease;
  private volatile boolean deadlinePassed;

  private LeaseWait(CompletableFuture<Lease> lease) {
    this.lease = lease;
  }

  /**
   * Starts to wait.
   *
   * @param deadline a deadline on {@link System#nanoTime}, or none
   */
  static LeaseWait of(CompletableFuture<Lease> lease, Timeout deadline) {
    LeaseWait wait = new LeaseWait(lease);
    if (!lease.isDone() && deadline.hasDeadline()) {
      AsyncTimeout timer = wait.new Timer();
      timer.deadlineNanoTime(deadline.deadlineNanoTime());
      timer.enter();
      wait.whenOver(timer::exit);
    }
    return wait;
  }

  boolean isOver() {
    return lease.isDone();
  }

  /** Whether it was the deadline that ended the wait. */
  boolean isTimedOut() {
    return deadlinePassed && lease.isCompletedExceptionally();
  }

  /** Runs something as soon as the wait is over, on the thread that ends it. */
  void whenOver(Runnable action) {
    var unused = lease.whenComplete((granted, refused) -> action.run());
  }

  /** Ends the wait, unless it is over. */
  boolean giveUp(IOException reason) {
    return lease.completeExceptionally(reason);
  }

  /** Ends the wait; if it ended with a lease, that goes back. */
  void abandon(IOException reason) {
    if (!giveUp(reason)) {
      var unused = lease.thenAccept(Lease::close);
    }
  }

  /**
   * The lease, as soon as there is one.
   *
   * @throws OverloadedException if the request was shed
   * @throws IOException if it was refused otherwise, with the reason as its cause; or as given up
   */
  Lease await() throws IOException {
    try {
      return lease.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted");
      interrupted.initCause(e);
      abandon(interrupted);
      throw interrupted;
    } catch (CancellationException e) {
      throw new IOException("Canceled", e);
    } catch (ExecutionException e) {
      throw refusal(e.getCause());
    }
  }

  private static IOException refusal(@Nullable Throwable cause) {
    if (cause instanceof OverloadedException shed) {
      throw shed;
    }
    if (cause instanceof IOException givenUp) {
      return givenUp;
    }
    return cause instanceof InferenceRouterException
        ? new IOException(cause.getMessage(), cause)
        : new IOException("router: failed to grant a lease", cause);
  }

  /** Gives up when the deadline has passed. */
  private final class Timer extends AsyncTimeout {
    @Override
    protected void timedOut() {
      deadlinePassed = true;
      giveUp(new InterruptedIOException("timeout"));
    }
  }
}
