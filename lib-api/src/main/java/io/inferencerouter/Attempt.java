package io.inferencerouter;

/**
 * Sends a request to the endpoint of a lease and waits for the answer.
 *
 * <p>An attempt may report first token, progress and outcome on the lease. One that returns without
 * having completed it counts as a success; one that throws, as {@link Outcome#ofFailure} says.
 *
 * @param <T> the answer
 * @param <X> what sending may throw
 */
@FunctionalInterface
public interface Attempt<T, X extends Exception> {
  /** Makes the attempt. */
  T run(Lease lease) throws X;
}
