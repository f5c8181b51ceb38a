package io.inferencerouter.core.internal.router;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.core.internal.admission.WaitQueue;
import io.inferencerouter.core.internal.execution.Entrance;
import io.inferencerouter.core.internal.execution.Tried;
import io.inferencerouter.core.internal.state.Fleet;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** How the attempts of a row come to their leases: as any request, but not where they have been. */
final class AttemptEntrance implements Entrance {
  private final PipelineRouter router;
  private final Pipeline pipeline;
  private final Shedding shedding;
  private final Events events;

  AttemptEntrance(PipelineRouter router, Pipeline pipeline, Shedding shedding, Events events) {
    this.router = router;
    this.pipeline = pipeline;
    this.shedding = shedding;
    this.events = events;
  }

  private WaitQueue.Entrance untried(Tried tried) {
    return asked -> pipeline.route(asked, tried, pipeline.nanos());
  }

  @Override
  public CompletableFuture<Lease> acquire(
      InferenceRequest request, Tried tried, Executor executor) {
    return router.acquire(request, tried.ids(), untried(tried), executor);
  }

  @Override
  public Lease acquireNow(InferenceRequest request, Tried tried) {
    Fleet before = router.fleet();
    WaitQueue.Entrance entrance = untried(tried);
    Lease lease = router.isClosed() ? null : entrance.tryEnter(request);
    return lease != null ? lease : router.lookAgain(request, before, entrance);
  }

  @Override
  public String states(InferenceRequest request) {
    return shedding.refusal(request).states();
  }

  @Override
  public Optional<Lease> acquireBesides(Set<String> ids, InferenceRequest request) {
    return router.isClosed() || !Elsewhere.hasRoom(router.fleet(), request, ids)
        ? Optional.empty()
        : Optional.ofNullable(pipeline.routeBesides(ids, request, pipeline.nanos()));
  }

  @Override
  public Optional<Duration> limited(InferenceRequest request) {
    return !router.isClosed()
            && shedding.refusal(request).noEndpoint() instanceof OverloadedException overloaded
        ? Optional.of(overloaded.retryAfter())
        : Optional.empty();
  }

  @Override
  public boolean hasOthers(InferenceRequest request, Set<String> ids) {
    return Tiers.hasOthers(router.fleet(), request, ids);
  }

  @Override
  public Optional<CompletableFuture<Lease>> acquireElsewhere(
      InferenceRequest request, String id, Tried tried, Executor executor) {
    Lease lease = acquireBesides(tried.ids(), request).orElse(null);
    if (lease != null) {
      return Optional.of(CompletableFuture.completedFuture(lease));
    }
    if (!router.mayWait(request)
        || !Elsewhere.isWorthWaiting(router.fleet(), request, id, tried.ids())) {
      return Optional.empty();
    }
    CompletableFuture<Lease> waiting = acquire(request, tried, executor);
    return waiting.isCompletedExceptionally() ? Optional.empty() : Optional.of(waiting);
  }

  @Override
  public void retried(AttemptRetried event) {
    events.emit(listener -> listener.attemptRetried(event));
  }

  @Override
  public void refused(RetryRefused event) {
    events.emit(listener -> listener.retryRefused(event));
  }
}
