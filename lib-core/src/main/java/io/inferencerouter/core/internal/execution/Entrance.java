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
   * Whether an attempt that has not failed should leave its endpoint for another one.
   *
   * @param id the id of its endpoint
   * @param tried the ids of those to which it would not go, its own among them
   */
  boolean isBetterElsewhere(InferenceRequest request, String id, Set<String> tried);

  /** How the endpoints are that may serve the request, in words. */
  String states(InferenceRequest request);

  /** Tells that there will be another attempt. */
  void retried(AttemptRetried event);

  /** Tells that there will be no other attempt. */
  void refused(RetryRefused event);
}
