package io.inferencerouter.core.internal.execution;

import io.inferencerouter.AsyncAttempt;
import io.inferencerouter.Attempts;
import io.inferencerouter.AttemptsExhaustedException;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous attempts, one after another: each waits for its lease, is started on the executor,
 * and ends its lease.
 *
 * <p>Cancelling the result gives up whatever is under way: the wait, or the stage of the attempt. A
 * lease that comes through after that is returned.
 */
public final class AsyncExecution<T> {
  private final Attempts attempts;
  private final AsyncAttempt<T> attempt;
  private final Executor executor;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private volatile @Nullable Throwable earlier;

  /** Prepares the attempts. */
  public AsyncExecution(Attempts attempts, AsyncAttempt<T> attempt, Executor executor) {
    this.attempts = attempts;
    this.attempt = attempt;
    this.executor = executor;
  }

  /** Starts the first attempt, as soon as there is a lease for it. */
  public CompletableFuture<T> start() {
    next();
    return result;
  }

  private void next() {
    CompletableFuture<Lease> acquiring;
    try {
      acquiring = attempts.next();
    } catch (RuntimeException refused) {
      end(refused);
      return;
    }
    abandonWith(acquiring);
    CompletableFuture<?> unused =
        acquiring.whenComplete(
            (lease, refused) -> {
              if (lease != null) {
                dispatch(lease);
              } else {
                end(refused);
              }
            });
  }

  /** Ends without another attempt. What the caller gets is the failure of the last, if any. */
  private void end(Throwable refused) {
    Throwable failed = earlier;
    if (failed != null && failed != refused) {
      failed.addSuppressed(refused);
    }
    result.completeExceptionally(failed == null ? refused : failed);
  }

  /** Cancels what is under way when the result is settled from outside. */
  private void abandonWith(CompletableFuture<?> underWay) {
    CompletableFuture<?> unused = result.whenComplete((answer, failure) -> underWay.cancel(false));
  }

  private void dispatch(Lease lease) {
    try {
      executor.execute(() -> run(lease));
    } catch (Throwable rejected) {
      lease.close();
      end(rejected);
    }
  }

  private void run(Lease lease) {
    if (result.isDone()) {
      lease.close();
      return;
    }
    CompletableFuture<T> ended = new CompletableFuture<>(); // once, whatever the stage does
    CompletableFuture<?> unused =
        ended.whenComplete((answer, failure) -> settle(lease, answer, failure));
    CompletionStage<T> stage;
    try {
      stage = Objects.requireNonNull(attempt.start(lease), "stage");
      CompletionStage<?> unusedToo =
          stage.whenComplete(
              (answer, failure) -> {
                if (failure == null) {
                  ended.complete(answer);
                } else {
                  ended.completeExceptionally(failure);
                }
              });
    } catch (Throwable failure) {
      ended.completeExceptionally(failure);
      return;
    }
    CompletableFuture<?> underWay = future(stage);
    abandonWith(underWay);
    listen(lease, ended, underWay);
  }

  /** The stage as a future; one that refuses that cannot be cancelled, and ends by itself. */
  private static CompletableFuture<?> future(CompletionStage<?> stage) {
    try {
      return stage.toCompletableFuture();
    } catch (UnsupportedOperationException e) {
      return new CompletableFuture<Void>();
    }
  }

  private void listen(Lease lease, CompletableFuture<T> ended, CompletableFuture<?> underWay) {
    try {
      lease.onRevoked(why -> revoked(why, lease, ended, underWay));
    } catch (IllegalStateException listensItself) {
      return; // then it knows better what is to be done
    }
  }

  /** Gives an attempt up that has not failed: to make it elsewhere, or because it has to end. */
  private void revoked(
      Revocation why, Lease lease, CompletableFuture<T> ended, CompletableFuture<?> underWay) {
    if (why.isFinal() || attempts.leave(() -> lease.complete(why.outcome()))) {
      ended.completeExceptionally(new CancellationException("attempt: taken back, " + why));
      underWay.cancel(false);
    }
  }

  private void settle(Lease lease, @Nullable T answer, @Nullable Throwable failure) {
    Throwable before = earlier;
    if (failure != null && before != null && before != failure) {
      failure.addSuppressed(before);
    }
    if (failure == null) {
      lease.complete(Outcome.success());
      attempts.end();
      result.complete(answer);
    } else if (!result.isDone() && mayRetry(lease, failure, attempts)) {
      earlier = failure;
      next();
    } else {
      lease.complete(Outcome.ofFailure(failure));
      attempts.end();
      result.completeExceptionally(failure);
    }
  }

  /**
   * Ends an attempt that failed. Errors are not for trying again, whatever they befell. Where
   * another attempt is forbidden by a limit, the failure says so.
   */
  static boolean mayRetry(Lease lease, Throwable failure, Attempts attempts) {
    Outcome outcome = Outcome.ofFailure(failure);
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
    Throwable thrown = cause == null ? failure : cause;
    if (thrown instanceof Error) {
      lease.complete(outcome);
      return false;
    }
    if (attempts.retryAfter(outcome).isPresent()) {
      return true;
    }
    attempts.exhausted().ifPresent(why -> explain(thrown, why));
    return false;
  }

  /** An exception that is thrown again and again, for many requests, is not to grow. */
  private static void explain(Throwable failure, AttemptsExhaustedException why) {
    for (Throwable suppressed : failure.getSuppressed()) {
      if (suppressed instanceof AttemptsExhaustedException) {
        return;
      }
    }
    failure.addSuppressed(why);
  }
}
