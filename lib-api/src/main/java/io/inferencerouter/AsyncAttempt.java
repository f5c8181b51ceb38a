package io.inferencerouter;

import java.util.concurrent.CompletionStage;

/**
 * Sends a request to the endpoint of a lease without waiting for the answer.
 *
 * <p>The lease ends with the stage that is returned, as it ends with the return of an {@link
 * Attempt}, and one that fails is followed by another one on the same conditions.
 *
 * @param <T> the answer
 */
@FunctionalInterface
public interface AsyncAttempt<T> {
  /** Starts the attempt. */
  CompletionStage<T> start(Lease lease);
}
