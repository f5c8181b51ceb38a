package io.inferencerouter;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * One request as a row of attempts, for transports: each is sent to an endpoint that has not been
 * tried, for as long as another one is safe, useful and within the router's limits.
 *
 * <pre>{@code
 * Attempts attempts = router.attempts(request);
 * do {
 *   Lease lease = attempts.next().get();
 *   outcome = send(lease);
 * } while (attempts.retryAfter(outcome).isPresent());
 * }</pre>
 *
 * <p>Another attempt is safe if the outcome is a {@linkplain Outcome.Kind#isFault() fault} or
 * {@linkplain Outcome.Kind#RATE_LIMITED rate limiting}, and
 *
 * <ul>
 *   <li>nothing of the request was {@linkplain Outcome.Progress sent}, or
 *   <li>it was sent, nothing of an answer was received, and the request is {@linkplain
 *       InferenceRequest#idempotent() idempotent} or {@linkplain InferenceRequest#replayable()
 *       replayable}.
 * </ul>
 *
 * <p>Where an outcome does not say how far the attempt came, something was received if the lease
 * was told of a first token, and otherwise the request was sent. A transport whose request can be
 * written only once, and has been, must not ask.
 *
 * <p>The next attempt goes to an endpoint that has not been tried; to one that has been, only if no
 * other may serve the request. Its deadline is what is left of the request's, counted from {@link
 * InferenceRouter#attempts}. It is made after a random wait that grows with each attempt, and to an
 * endpoint that asked to be left alone not before the time it named. One that was refused for
 * reasons of quota is made elsewhere at once, and counts against no retry budget.
 *
 * <p>A row belongs to one request and is used by one thread at a time; futures that it hands out
 * may be cancelled by any thread.
 */
public interface Attempts {
  /** The request. */
  InferenceRequest request();

  /** How many attempts have been granted a lease, those of the rows it continues among them. */
  int made();

  /**
   * Whether no attempt can follow the one under way once its request has been sent, so that nothing
   * need be kept for another: the request is neither idempotent nor replayable, or there have been
   * as many attempts as allowed.
   */
  boolean isLast();

  /**
   * Acquires the lease of the next attempt: for the first one as soon as there is a free slot, for
   * a later one after the wait that {@link #retryAfter} has told. Whoever receives the lease must
   * complete or close it.
   *
   * <p>Cancelling the future, or completing it in any other way, gives the wait up; a lease that is
   * granted at the same moment is returned. Where there is no lease to be had, the row stays as it
   * is: who expects that to change may ask once more, and waits for no time then.
   *
   * @return completes as that of {@link InferenceRouter#acquireAsync} does
   * @throws IllegalStateException if another attempt was not allowed
   */
  CompletableFuture<Lease> next();

  /**
   * As {@link #next}, without waiting for anything, neither for a slot nor for the time to come.
   *
   * @throws NoEndpointException if no endpoint may serve the request
   * @throws OverloadedException if every endpoint that may serve it now is full
   * @throws RouterClosedException if the router is closed
   * @throws IllegalStateException if another attempt was not allowed
   */
  Lease nextNow();

  /**
   * Leaves the attempt under way, although it has not failed, so that another one can be made
   * elsewhere. For what is to be done on a {@linkplain Lease#onRevoked revocation}, by any thread,
   * as long as nothing of an answer was received and the request can be written again.
   *
   * <p>A place elsewhere is acquired first, so that of many attempts which are asked at the same
   * moment only as many leave as find one: a lease where there is room, or, if its own endpoint has
   * been taken out of service, else a place in the queue. It is for the attempt that follows:
   * whoever gets true has to ask {@link #retryAfter} when the attempt has ended, which counts
   * against no budget, as that was done here, and then {@link #next}; or to {@link #end} the row.
   *
   * @param givesUp gives the attempt up by {@linkplain Lease#complete completing} its lease, and
   *     returns whether it was the first to do so; is asked at most once, when there is a place,
   *     which is returned if it says no
   * @return whether it was given up; false also if the request is not safe to be sent again, has no
   *     attempt or no time left, or could go nowhere else; if no other endpoint has room, while its
   *     own is in service, or the request may not wait, or the queue is full; if too large a share
   *     of all requests is being sent again; or if the router is closed
   */
  boolean leave(BooleanSupplier givesUp);

  /**
   * Looks for another endpoint for the attempt under way, where its own turns out to have no room
   * for it: for one that has not been tried, and without waiting. A lease that the transport
   * accepts is that of the attempt from now on, which counts once; the lease before is for the
   * transport to close. A lease that it does not accept is closed, and nothing changes.
   *
   * @param avoided the ids of other endpoints that will not do
   * @param accepts is asked at most once, before anything changes
   * @return whether the attempt has moved
   * @throws IllegalStateException if there is no attempt under way
   */
  boolean move(Set<String> avoided, Predicate<Lease> accepts);

  /**
   * Ends the attempt under way, unless it has ended, and decides whether another one may be made.
   * If its lease was completed before, the outcome that was stated then is what counts; how far the
   * attempt came may still be said here.
   *
   * @return after which wait; empty if there will be no other attempt
   * @throws IllegalStateException if there is no attempt under way
   */
  Optional<Duration> retryAfter(Outcome outcome);

  /**
   * Ends the attempt under way, whose answer has broken off after its beginning was received, and
   * begins a row for the rest of that answer: another request, which asks for what is missing. That
   * is another attempt of the same undertaking: it goes to an endpoint that has not been tried if
   * there is one, within what is left of the deadline, of the attempts that one request may have,
   * and of the budget of retries.
   *
   * <p>Whether the rest can be asked for is for the caller to know; the router cannot.
   *
   * @param outcome as for {@link #retryAfter}; the answer has to have failed by a {@linkplain
   *     Outcome.Kind#isFault() fault}
   * @param rest asks for the rest; its deadline is at most what is left of that of this row
   * @return the row, to be begun with {@link #next}; empty if there is to be no other attempt
   * @throws IllegalStateException if there is no attempt under way
   */
  Optional<Attempts> continuation(Outcome outcome, InferenceRequest rest);

  /**
   * Ends the row: no other attempt follows one that has ended, and what {@link #leave} or {@link
   * #retryAfter} keep for one is returned. Without effect if they keep nothing, as where no attempt
   * has been left, or none was allowed.
   */
  void end();

  /**
   * Why no other attempt follows one that could have been repeated, and how each endpoint is, for
   * the failure that the caller gets to see. Not for the hot path.
   *
   * @return empty unless {@link #retryAfter} or {@link #continuation} has just refused for one of
   *     the router's limits; what is not safe to be repeated meets none
   */
  Optional<AttemptsExhaustedException> exhausted();
}
