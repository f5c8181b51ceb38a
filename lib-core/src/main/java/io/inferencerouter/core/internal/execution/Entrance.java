package io.inferencerouter.core.internal.execution;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.RetryRefused;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What an {@link AttemptRow} needs of its router. */
public interface Entrance {
  /** As {@code acquireAsync}, on endpoints that were not tried as long as there are any. */
  CompletableFuture<Lease> acquire(InferenceRequest request, Tried tried, Executor executor);

  /** As {@code acquire}, on endpoints that were not tried as long as there are any. */
  Lease acquireNow(InferenceRequest request, Tried tried);

  /** Acquires a lease on none of these endpoints, if one is to be had now. */
  Optional<Lease> acquireBesides(Set<String> ids, InferenceRequest request);

  /** How long all endpoints for a request are to be left alone by quota; empty if not all are. */
  Optional<Duration> limited(InferenceRequest request);

  /** Whether any endpoint besides these may serve the request. */
  boolean hasOthers(InferenceRequest request, Set<String> ids);

  /**
   * Acquires a place for the attempt that would follow one which has not failed, if that one should
   * leave its endpoint: a lease, or a place in the queue.
   *
   * @param id the id of its endpoint
   * @param tried those to which it would not go, its own among them
   * @param executor completes the future of a lease that is waited for
   * @return empty if it should stay
   */
  Optional<CompletableFuture<Lease>> acquireElsewhere(
      InferenceRequest request, String id, Tried tried, Executor executor);

  /** How the endpoints are that may serve the request, in words. */
  String states(InferenceRequest request);

  /** Tells that there will be another attempt. */
  void retried(AttemptRetried event);

  /** Tells that there will be no other attempt. */
  void refused(RetryRefused event);
}
