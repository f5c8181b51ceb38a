package io.inferencerouter;

/**
 * Hears what happens in a router.
 *
 * <p>The events of one attempt are nested like this, each line in order, {@code ?} at most once:
 *
 * <pre>
 *   requestQueued?
 *   leaseAcquired ( firstToken? leaseCompleted ( attemptRetried | retryRefused )? ) | requestShed
 * </pre>
 *
 * <p>After {@code attemptRetried} they begin again, for the next attempt at the same request.
 *
 * <p>The events of endpoints and {@code faultIsolated} come at any time. Events are delivered on
 * the thread that caused them, so a listener must be quick, must not block, and must be safe for
 * use by many threads. A listener that throws harms nothing: what it throws is passed to {@link
 * #faultIsolated} of the other listeners.
 */
public interface RouterListener {
  /** A request found all slots taken and waits. */
  default void requestQueued(InferenceRequest request) {}

  /** A request got its lease. */
  default void leaseAcquired(Lease lease) {}

  /**
   * The first output arrived.
   *
   * @param elapsedNanos the time since the lease was acquired
   */
  default void firstToken(Lease lease, long elapsedNanos) {}

  /**
   * A lease ended.
   *
   * @param elapsedNanos the time since the lease was acquired
   */
  default void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {}

  /**
   * The attempt of a streaming request makes no progress; comes between {@code leaseAcquired} and
   * {@code leaseCompleted}, again if the stream goes on and stops again.
   */
  default void attemptStalled(AttemptStalled event) {}

  /** A lease was taken for lost, and was ended; follows its {@code leaseCompleted}. */
  default void leaseReclaimed(LeaseReclaimed event) {}

  /** An attempt failed, and there will be another one at the same request. */
  default void attemptRetried(AttemptRetried event) {}

  /** An attempt failed in a way that may pass, and there will be no other one all the same. */
  default void retryRefused(RetryRefused event) {}

  /** A request could not be routed, or gave up waiting. */
  default void requestShed(RequestShed event) {}

  /** An endpoint entered another stage of its life. */
  default void endpointChanged(EndpointChanged event) {}

  /** An endpoint gets no requests for a while; follows the {@link #endpointChanged} of it. */
  default void endpointEjected(EndpointEjected event) {}

  /** An endpoint was to be ejected, but too few would have been left. */
  default void ejectionWithheld(EjectionWithheld event) {}

  /** An ejection has ended; follows the {@link #endpointChanged} of it. */
  default void endpointReturned(EndpointReturned event) {}

  /** Code that the router was given threw, or returned nonsense; the router went on without it. */
  default void faultIsolated(FaultIsolated event) {}
}
