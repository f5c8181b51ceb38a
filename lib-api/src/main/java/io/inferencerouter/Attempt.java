package io.inferencerouter;

/**
 * Sends a request to the endpoint of a lease and waits for the answer.
 *
 * <p>An attempt may report first token, progress and outcome on the lease. One that returns without
 * having completed it counts as a success; one that throws, as {@link Outcome#ofFailure} says.
 *
 * <p>One that throws an exception is followed by another one on another endpoint, if that is safe;
 * see {@link Attempts}. What it returns is an answer, whatever its outcome. An attempt that knows
 * that nothing was sent says so before it throws, and is then followed by another one whatever the
 * request:
 *
 * <pre>{@code
 * lease.complete(Outcome.serverFault().withProgress(Outcome.Progress.NOTHING_SENT));
 * throw new ConnectException("…");
 * }</pre>
 *
 * @param <T> the answer
 * @param <X> what sending may throw
 */
@FunctionalInterface
public interface Attempt<T, X extends Exception> {
  /** Makes the attempt. */
  T run(Lease lease) throws X;
}
