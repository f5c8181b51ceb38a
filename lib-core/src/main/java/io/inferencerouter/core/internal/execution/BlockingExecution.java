package io.inferencerouter.core.internal.execution;

import io.inferencerouter.Attempt;
import io.inferencerouter.Attempts;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Makes attempts on the calling thread, until one returns or no other may follow. */
public final class BlockingExecution {
  private BlockingExecution() {}

  /** Makes the attempts. */
  public static <T, X extends Exception> T run(Attempts attempts, Attempt<T, X> attempt)
      throws X, InterruptedException {
    return run(attempts, attempt, await(attempts.next()));
  }

  private static <T, X extends Exception> T run(
      Attempts attempts, Attempt<T, X> attempt, Lease lease) throws X, InterruptedException {
    try {
      T answer = attempt.run(lease);
      lease.complete(Outcome.success());
      return answer;
    } catch (Throwable failure) {
      Lease next = nextAfter(failure, lease, attempts);
      if (next == null) {
        throw failure;
      }
      try {
        return run(attempts, attempt, next);
      } catch (Throwable last) {
        if (last != failure) {
          last.addSuppressed(failure);
        }
        throw last;
      }
    }
  }

  /** The lease of the attempt that follows a failed one; null if none does. */
  private static @Nullable Lease nextAfter(Throwable failure, Lease lease, Attempts attempts)
      throws InterruptedException {
    if (!AsyncExecution.mayRetry(lease, failure, attempts)) {
      return null;
    }
    try {
      return await(attempts.next());
    } catch (RuntimeException refused) {
      failure.addSuppressed(refused);
      return null;
    } catch (InterruptedException e) {
      e.addSuppressed(failure);
      throw e;
    }
  }

  private static Lease await(CompletableFuture<Lease> acquiring) throws InterruptedException {
    try {
      return acquiring.get();
    } catch (InterruptedException e) {
      if (!acquiring.cancel(false) && !acquiring.isCompletedExceptionally()) {
        acquiring.join().close(); // granted at the same moment
      }
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InferenceRouterException reason) {
        throw reason;
      }
      throw new IllegalStateException("acquire: failed (expected: a lease or a refusal)", e);
    }
  }
}
