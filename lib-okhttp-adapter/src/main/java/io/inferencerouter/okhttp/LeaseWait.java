package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.OverloadedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.EventListener;
import org.jspecify.annotations.Nullable;

/**
 * The wait of a call for its lease. It ends with the lease, with the router's refusal, which is a
 * time-out if the call's own deadline has passed, or when it is given up; a lease that is granted
 * at that very moment goes back.
 *
 * <p>Safe for use by many threads.
 */
final class LeaseWait {
  /** How often a call of OkHttp 4, which tells nobody, is asked whether it is cancelled. */
  private static final long LOOK_MILLIS = 50;

  private final CompletableFuture<Lease> lease;
  private final CallDeadline deadline;
  private volatile boolean timedOut;

  /**
   * Starts to wait.
   *
   * @param lease what the router has promised to a request with this deadline
   */
  LeaseWait(CompletableFuture<Lease> lease, CallDeadline deadline) {
    this.lease = lease;
    this.deadline = deadline;
  }

  boolean isOver() {
    return lease.isDone();
  }

  /** Whether {@link #await()} has found that it was the call's deadline that ended the wait. */
  boolean isTimedOut() {
    return timedOut;
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
      throw interrupted(e);
    } catch (CancellationException e) {
      throw new IOException("Canceled", e);
    } catch (ExecutionException e) {
      throw refusal(e.getCause());
    }
  }

  /** As {@link #await()}; the wait is given up when the call is cancelled, by whomever. */
  Lease await(Call call) throws IOException {
    if (!isOver()) {
      if (OkHttp5.isPresent()) {
        OkHttp5.addEventListener(call, new Cancellations());
        if (call.isCanceled()) {
          giveUp(cancellation());
        }
      } else {
        lookAt(call);
      }
    }
    return await();
  }

  private void lookAt(Call call) throws InterruptedIOException {
    CountDownLatch over = new CountDownLatch(1);
    whenOver(over::countDown);
    try {
      while (!over.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        if (call.isCanceled()) {
          giveUp(cancellation());
        }
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private InterruptedIOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted = new InterruptedIOException("interrupted");
    interrupted.initCause(e);
    abandon(interrupted);
    return interrupted;
  }

  private IOException refusal(@Nullable Throwable cause) {
    if (cause instanceof OverloadedException shed) {
      if (shed.reason() == OverloadedException.Reason.DEADLINE && deadline.hasPassed()) {
        timedOut = true;
        return CallDeadline.timeout(shed);
      }
      throw shed;
    }
    if (cause instanceof IOException givenUp) {
      return givenUp;
    }
    return cause instanceof InferenceRouterException
        ? new IOException(cause.getMessage(), cause)
        : new IOException("router: failed to grant a lease", cause);
  }

  /** Whether a wait failed because of the router: not given up, and not for want of time. */
  static boolean isRefusal(IOException failure) {
    return failure.getCause() != null
        && !(failure.getCause() instanceof CancellationException)
        && !(failure instanceof InterruptedIOException);
  }

  /** How a call fails that was cancelled. */
  static IOException cancellation() {
    return new IOException("Canceled");
  }

  private final class Cancellations extends EventListener {
    @Override
    public void canceled(Call call) {
      giveUp(cancellation());
    }
  }
}
