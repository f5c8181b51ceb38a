package io.inferencerouter.core.internal.router;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RouterClosedException;
import io.inferencerouter.core.internal.admission.WaitQueue;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Requests that get no lease: says why, and tells the listeners. */
final class Shedding implements WaitQueue.Refusals {
  private final int queueCapacity;
  private final PipelineRouter router;
  private final Pipeline pipeline;
  private final Announcements announcements;

  Shedding(
      int queueCapacity, PipelineRouter router, Pipeline pipeline, Announcements announcements) {
    this.queueCapacity = queueCapacity;
    this.router = router;
    this.pipeline = pipeline;
    this.announcements = announcements;
  }

  /** What keeps a request from the endpoints, as of now. */
  Refusal refusal(InferenceRequest request) {
    return new Refusal(router.fleet(), request, pipeline.nanos());
  }

  /** Why waiting would not help; null if it may. */
  @Nullable InferenceRouterException never(InferenceRequest request) {
    Objects.requireNonNull(request, "request");
    return router.isClosed() ? new RouterClosedException() : refusal(request).noEndpoint();
  }

  /** Sheds a request that does not wait, for there is no room now. */
  InferenceRouterException full(InferenceRequest request) {
    return overloaded(request, OverloadedException.Reason.NO_FREE_SLOT, "request: not to wait");
  }

  /** Sheds a request for a reason that was found. */
  InferenceRouterException shed(InferenceRequest request, InferenceRouterException reason) {
    Events events = pipeline.events();
    if (events.isHeard()) {
      RequestShed event = new RequestShed(request, reason);
      events.emit(listener -> listener.requestShed(event));
    }
    return reason;
  }

  private InferenceRouterException overloaded(
      InferenceRequest request, OverloadedException.Reason reason, String what) {
    return shed(request, refusal(request).overloaded(reason, what));
  }

  @Override
  public InferenceRouterException queueFull(InferenceRequest request) {
    return overloaded(
        request,
        OverloadedException.Reason.QUEUE_FULL,
        "queue: full with " + queueCapacity + " request(s)");
  }

  @Override
  public InferenceRouterException timedOut(InferenceRequest request, Duration waited) {
    boolean deadline = request.deadline().filter(d -> d.compareTo(waited) <= 0).isPresent();
    return overloaded(
        request,
        deadline ? OverloadedException.Reason.DEADLINE : OverloadedException.Reason.QUEUE_TIMEOUT,
        "queue: waited for " + waited);
  }

  @Override
  public InferenceRouterException closed(InferenceRequest request) {
    return shed(request, new RouterClosedException());
  }

  @Override
  public void taskRejected(RejectedExecutionException failure) {
    announcements.taskRejected(failure);
  }
}
