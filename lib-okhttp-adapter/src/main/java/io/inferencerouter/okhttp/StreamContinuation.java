package io.inferencerouter.okhttp;

import java.util.Optional;
import okhttp3.Request;

/**
 * Says how to ask for the rest of a streamed answer that has broken off, where that can be asked
 * for: usually the same request with the beginning of the answer added to it.
 *
 * <p>It is asked when a stream of events fails by the endpoint's doing after its first byte: when
 * the connection breaks or is silent for too long, when the router ends a stream that has stopped,
 * or when the last event is missing. It is not asked when the call was cancelled, its time is over,
 * or the endpoint itself has stated an error. What it returns is sent to another endpoint if there
 * is one, as an attempt of the same call: within the attempts that a request may have, the budget
 * of retries, and what is left of the deadline. The events of the new answer follow in the body
 * that the caller reads; where that breaks off as well, this is asked again.
 *
 * <p>It runs on the thread that reads the body, and may be asked by several threads at a time for
 * different calls.
 *
 * @see RoutingCallFactory.Builder#continuation
 */
@FunctionalInterface
public interface StreamContinuation {
  /**
   * Makes the request for the rest of an answer.
   *
   * @param request as the caller has made it
   * @param received what the caller gets to read before the rest, from all endpoints so far: whole
   *     events only
   * @return the request to send; empty if the call is to fail. If this throws, the call fails, and
   *     what was thrown is suppressed in its failure.
   */
  Optional<Request> continueAfter(Request request, PartialAnswer received);
}
