package io.inferencerouter.core.internal.router;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Route;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Fleet;

/** A route: the pipeline, entered with a model that has been looked up before. */
final class PipelineRoute implements Route {
  /** A fleet and the candidates of the model in it. */
  private record Resolved(Fleet fleet, CandidateSet candidates) {}

  private final PipelineRouter router;
  private final Pipeline pipeline;
  private final String model;
  // Racy by design: every value is right for the fleet it names, and that is compared on each
  // use.
  private volatile Resolved resolved;

  PipelineRoute(PipelineRouter router, Pipeline pipeline, String model) {
    this.router = router;
    this.pipeline = pipeline;
    this.model = model;
    this.resolved = resolve(router.fleet());
  }

  private Resolved resolve(Fleet fleet) {
    return new Resolved(fleet, fleet.candidates(model));
  }

  @Override
  public String model() {
    return model;
  }

  @Override
  public Lease acquire(InferenceRequest request) {
    return acquire(request, pipeline.nanos());
  }

  @Override
  public Lease acquire(InferenceRequest request, long nowNanos) {
    if (!request.model().equals(model)) {
      throw new IllegalArgumentException(
          "model: \"" + request.model() + "\" (expected: \"" + model + "\", as the route)");
    }
    if (!request.modelVersion().isEmpty()
        || !request.allowedRegions().isEmpty()
        || router.isClosed()) {
      return router.acquire(request, nowNanos);
    }
    Resolved now = resolved;
    Fleet fleet = router.fleet();
    if (now.fleet() != fleet) {
      now = resolve(fleet);
      resolved = now;
    }
    RoutedLease lease = pipeline.routeWithin(now.candidates(), request, nowNanos);
    return lease != null ? lease : router.acquire(request, nowNanos);
  }

  @Override
  public String toString() {
    return "Route[" + (model.isEmpty() ? "any model" : model) + "]";
  }
}
