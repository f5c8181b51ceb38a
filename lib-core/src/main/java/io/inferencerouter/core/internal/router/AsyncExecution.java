package io.inferencerouter.core.internal.router;

import io.inferencerouter.AsyncAttempt;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous attempt under way: waits for the lease, starts the attempt on the executor, ends
 * the lease with it.
 *
 * <p>Cancelling the result gives up whatever is under way: the wait, or the stage of the attempt. A
 * lease that comes through after that is returned.
 */
final class AsyncExecution<T> {
  private final AsyncAttempt<T> attempt;
  private final Executor executor;
  private final CompletableFuture<T> result = new CompletableFuture<>();

  AsyncExecution(AsyncAttempt<T> attempt, Executor executor) {
    this.attempt = attempt;
    this.executor = executor;
  }

  CompletableFuture<T> start(CompletableFuture<Lease> acquiring) {
    abandonWith(acquiring);
    CompletableFuture<?> unused =
        acquiring.whenComplete(
            (lease, failure) -> {
              if (lease != null) {
                dispatch(lease);
              } else if (failure != null) {
                result.completeExceptionally(failure);
              }
            });
    return result;
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
      result.completeExceptionally(rejected);
    }
  }

  private void run(Lease lease) {
    if (result.isDone()) {
      lease.close();
      return;
    }
    CompletionStage<T> stage;
    try {
      stage = attempt.start(lease);
    } catch (Throwable failure) {
      settle(lease, null, failure);
      return;
    }
    CompletionStage<?> unused =
        stage.whenComplete((answer, failure) -> settle(lease, answer, failure));
    try {
      abandonWith(stage.toCompletableFuture());
    } catch (UnsupportedOperationException e) {
      // A stage may refuse to be a future; such an attempt cannot be cancelled, and ends by itself.
      return;
    }
  }

  private void settle(Lease lease, @Nullable T answer, @Nullable Throwable failure) {
    if (failure != null) {
      lease.complete(Outcome.ofFailure(failure));
      result.completeExceptionally(failure);
    } else {
      lease.complete(Outcome.success());
      result.complete(answer);
    }
  }
}
