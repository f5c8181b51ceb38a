package io.inferencerouter;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/**
 * Decides which inference endpoint each request goes to, and when.
 *
 * <p>There are three ways in, from the most comfortable to the most direct: {@link #execute} runs
 * an attempt function; {@link #acquire} and {@link #acquireAsync} hand out a {@link Lease} to
 * callers with a transport of their own, and {@link #attempts} one after another for the same
 * request; {@link #route} looks a model up once and for all. Adapters for OkHttp and gRPC use the
 * same ways.
 *
 * <p>Safe for use by many threads, platform or virtual. Routing takes no lock. A router is meant to
 * live as long as its process: it learns.
 */
public interface InferenceRouter extends AutoCloseable {
  /**
   * Routes the request, waiting for a free slot if need be, and runs the attempt on the calling
   * thread. When it throws an exception, another one may be made, as {@link Attempts} says.
   *
   * <p>An attempt under way is not given up from outside when its endpoint is ejected or removed,
   * or does not begin to answer, for a thread cannot be stopped safely without its help: it goes on
   * to its own end. One that can be cancelled, and may be sent again, does so by itself, and is
   * then made elsewhere:
   *
   * <pre>{@code
   * router.execute(request, lease -> {
   *   HttpCall call = newCall(lease.endpoint().uri());
   *   lease.onRevoked(why -> call.cancel());     // whoever waits for it gets an exception
   *   return call.run();
   * });
   * }</pre>
   *
   * @return what the attempt returned
   * @throws X what the last attempt threw; suppressed in it is what earlier ones threw, and an
   *     {@link AttemptsExhaustedException} if another one would have been safe
   * @throws NoEndpointException if no endpoint may serve the request
   * @throws OverloadedException if no endpoint had a free slot in time
   * @throws RouterClosedException if the router is closed
   * @throws InterruptedException if the thread was interrupted while it waited for a slot, or for
   *     the time of another attempt
   */
  <T, X extends Exception> T execute(InferenceRequest request, Attempt<T, X> attempt)
      throws X, InterruptedException;

  /**
   * Routes the request as soon as there is a free slot, and starts the attempt on the router's
   * executor. When its stage fails, another one may be started, as {@link Attempts} says. What is
   * suppressed in its failure is as with {@link #execute}.
   *
   * @return completes as the stage of the last attempt does, or with the exceptions of {@link
   *     #acquireAsync}; cancelling it gives up waiting, or else cancels the attempt's stage
   */
  <T> CompletableFuture<T> executeAsync(InferenceRequest request, AsyncAttempt<T> attempt);

  /**
   * Acquires a lease now, without waiting. The caller must complete or close it.
   *
   * @throws NoEndpointException if no endpoint may serve the request
   * @throws OverloadedException if every endpoint that may serve it is full
   * @throws RouterClosedException if the router is closed
   */
  Lease acquire(InferenceRequest request);

  /**
   * Acquires a lease as soon as there is a free slot. Whoever receives the lease must complete or
   * close it.
   *
   * <p>Cancelling the future, or completing it in any other way, takes the request out of the
   * queue; a lease that is granted at the same moment is returned. The future is completed on the
   * router's executor, unless a slot is free at once.
   *
   * @return completes with the lease, or exceptionally with the exceptions of {@link #acquire};
   *     {@link OverloadedException} also when the queue is full or the wait too long
   */
  CompletableFuture<Lease> acquireAsync(InferenceRequest request);

  /**
   * Begins a row of attempts at one request, for a transport that sends again what can be sent
   * again. Nothing is acquired yet. The deadline of the request counts from here.
   */
  Attempts attempts(InferenceRequest request);

  /**
   * Looks the candidates of a model up, for use with many requests.
   *
   * @param model the model's name; empty for requests that any model can serve
   */
  Route route(String model);

  /**
   * Replaces the whole set of endpoints, in one step. Endpoints that stay, by id, keep their state
   * and what is in flight on them; endpoints that are new start {@linkplain Lifecycle#WARMING
   * warming}; endpoints that are missing are drained.
   *
   * @throws IllegalArgumentException if two endpoints have the same id; nothing changes then
   */
  void updateEndpoints(Collection<Endpoint> endpoints);

  /**
   * Takes an endpoint out for good: it gets no new requests, and leaves when its last one is done.
   * Calling this again for an endpoint that drains joins the wait.
   *
   * @return completes when the endpoint is idle and has been removed
   * @throws IllegalArgumentException if there is no such endpoint
   */
  CompletableFuture<Void> drain(String endpointId);

  /**
   * As {@link #drain}, for an endpoint that is not to be waited for: attempts on it that can safely
   * be made elsewhere are moved, where the transport can do that, as soon as there is a place for
   * them, at an endpoint or in the queue; see {@link Lease#onRevoked} and {@link Attempts#leave}.
   * Those that are being answered, and those for which there is no place, go on to their end.
   *
   * @return completes when the endpoint is idle and has been removed
   * @throws IllegalArgumentException if there is no such endpoint
   */
  CompletableFuture<Void> remove(String endpointId);

  /**
   * Takes an endpoint out for a while. Requests on it that are being answered go on; attempts that
   * can safely be made elsewhere are moved on the same conditions as by {@link #remove}.
   *
   * @param duration until it comes back by itself, above zero; a longer ejection that is under way
   *     is not shortened
   * @throws IllegalArgumentException if there is no such endpoint, or it drains
   */
  void eject(String endpointId, Duration duration);

  /**
   * Ends an ejection early; without effect on an endpoint that is not ejected.
   *
   * @throws IllegalArgumentException if there is no such endpoint
   */
  void reinstate(String endpointId);

  /**
   * The state of all endpoints, as of now. Values of different endpoints may be from slightly
   * different moments.
   */
  RouterSnapshot snapshot();

  /** Explains how the request would be routed now, without routing it. Not for the hot path. */
  Explanation explain(InferenceRequest request);

  /**
   * Ends the router: waiting requests fail, new ones are refused, and whatever the router has
   * started is stopped. Leases that are out may still be completed. Closing twice is harmless.
   */
  @Override
  void close();
}
