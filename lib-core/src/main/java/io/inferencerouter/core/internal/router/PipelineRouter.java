package io.inferencerouter.core.internal.router;

import io.inferencerouter.AsyncAttempt;
import io.inferencerouter.Attempt;
import io.inferencerouter.AttemptRetried;
import io.inferencerouter.Attempts;
import io.inferencerouter.EjectionReason;
import io.inferencerouter.EjectionWithheld;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointChanged;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.EndpointReturned;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.Explanation;
import io.inferencerouter.FaultIsolated.Component;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.Route;
import io.inferencerouter.RouterClosedException;
import io.inferencerouter.RouterSnapshot;
import io.inferencerouter.core.internal.admission.WaitQueue;
import io.inferencerouter.core.internal.execution.AsyncExecution;
import io.inferencerouter.core.internal.execution.AttemptRow;
import io.inferencerouter.core.internal.execution.BlockingExecution;
import io.inferencerouter.core.internal.execution.Delays;
import io.inferencerouter.core.internal.execution.Retries;
import io.inferencerouter.core.internal.execution.Tried;
import io.inferencerouter.core.internal.health.HealthObserver;
import io.inferencerouter.core.internal.health.PassiveHealth;
import io.inferencerouter.core.internal.health.Prober;
import io.inferencerouter.core.internal.health.ReturnTimer;
import io.inferencerouter.core.internal.health.SlowStarts;
import io.inferencerouter.core.internal.membership.Membership;
import io.inferencerouter.core.internal.membership.MembershipObserver;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Fleet;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The public contract around the {@link Pipeline}: waiting, membership, observation, closing. */
public final class PipelineRouter implements InferenceRouter {
  private final Settings settings;
  private final Events events;
  private final Membership membership;
  private final Pipeline pipeline;
  private final WaitQueue queue;
  private final WaitQueue.Entrance anyEndpoint;
  private final Delays delays;
  private final Retries retries;
  private final AttemptEntrance attemptEntrance = new AttemptEntrance();
  private final ReturnTimer returnTimer;
  private final PassiveHealth passiveHealth;
  private final SlowStarts slowStarts;
  private final @Nullable Prober prober;
  private volatile boolean closed;

  /** Creates a router with its first endpoints. */
  public PipelineRouter(Settings settings, Collection<Endpoint> endpoints) {
    this.settings = settings;
    events = new Events(settings.listeners());
    membership =
        new Membership(
            Fleet.empty(settings.defaultProfile(), settings.inputGrowth(), settings.random()),
            new MembershipEvents(),
            settings.ticker()::nanos,
            settings.slowStart().floor());
    HealthObserver health = new HealthEvents();
    returnTimer = new ReturnTimer(membership, settings.scheduler(), this::endpointsReturned);
    passiveHealth =
        new PassiveHealth(settings.health(), membership, returnTimer, settings.ticker(), health);
    slowStarts = new SlowStarts(settings.slowStart(), membership, settings.scheduler(), health);
    prober = prober(settings, health);
    pipeline = new Pipeline(settings, membership::fleet, events, new AfterRelease());
    queue = new WaitQueue(settings.queueCapacity(), new QueueRefusals(), settings.scheduler());
    anyEndpoint = request -> pipeline.route(request, pipeline.nanos());
    delays = new Delays(settings.scheduler());
    retries = new Retries(settings.retries(), settings.ticker(), settings.random(), delays);
    updateEndpoints(endpoints);
  }

  private @Nullable Prober prober(Settings settings, HealthObserver health) {
    return settings.probing() == null
        ? null
        : new Prober(
            settings.probing().probe(),
            settings.probing().policy(),
            settings.health(),
            membership,
            returnTimer,
            settings.scheduler(),
            settings.executor(),
            settings.ticker(),
            settings.random(),
            health);
  }

  @Override
  public Lease acquire(InferenceRequest request) {
    return acquire(request, pipeline.nanos());
  }

  private Lease acquire(InferenceRequest request, long nowNanos) {
    return granted(closed ? null : pipeline.route(request, nowNanos), request);
  }

  private Lease granted(@Nullable RoutedLease lease, InferenceRequest request) {
    if (lease == null) {
      throw shed(request, noWait(request));
    }
    return lease;
  }

  private InferenceRouterException noWait(InferenceRequest request) {
    InferenceRouterException never = never(request);
    return never != null
        ? never
        : refusal(request)
            .overloaded(OverloadedException.Reason.NO_FREE_SLOT, "request: not to wait");
  }

  /** Why waiting would not help; null if it may. */
  private @Nullable InferenceRouterException never(InferenceRequest request) {
    Objects.requireNonNull(request, "request");
    return closed ? new RouterClosedException() : refusal(request).noEndpoint();
  }

  private Refusal refusal(InferenceRequest request) {
    return new Refusal(membership.fleet(), request, pipeline.nanos());
  }

  private InferenceRouterException shed(InferenceRequest request, InferenceRouterException reason) {
    if (events.isHeard()) {
      RequestShed event = new RequestShed(request, reason);
      events.emit(listener -> listener.requestShed(event));
    }
    return reason;
  }

  @Override
  public CompletableFuture<Lease> acquireAsync(InferenceRequest request) {
    return acquire(request, Set.of(), anyEndpoint, settings.executor());
  }

  private CompletableFuture<Lease> acquire(
      InferenceRequest request, Set<String> tried, WaitQueue.Entrance entrance, Executor executor) {
    // Those who wait go first: as long as there is a queue, a newcomer joins it.
    if (!closed && queue.size() == 0) {
      Lease lease = entrance.tryEnter(request);
      if (lease != null) {
        return CompletableFuture.completedFuture(lease);
      }
    }
    InferenceRouterException never = never(request);
    if (never != null) {
      return CompletableFuture.failedFuture(shed(request, never));
    }
    Duration maxWait = maxWait(request);
    if (maxWait.isZero()) {
      return CompletableFuture.failedFuture(shed(request, noWait(request)));
    }
    if (events.isHeard()) {
      events.emit(listener -> listener.requestQueued(request));
    }
    return queue.join(request, tried, entrance, maxWait, executor);
  }

  private Duration maxWait(InferenceRequest request) {
    Duration wait = request.maxQueueTime().orElse(settings.maxQueueTime());
    Duration deadline = request.deadline().orElse(wait);
    return deadline.compareTo(wait) < 0 ? deadline : wait;
  }

  @Override
  public <T, X extends Exception> T execute(InferenceRequest request, Attempt<T, X> attempt)
      throws X, InterruptedException {
    Objects.requireNonNull(attempt, "attempt");
    return BlockingExecution.run(attempts(request, Runnable::run), attempt);
  }

  @Override
  public <T> CompletableFuture<T> executeAsync(InferenceRequest request, AsyncAttempt<T> attempt) {
    Objects.requireNonNull(attempt, "attempt");
    return new AsyncExecution<>(
            attempts(request, settings.executor()), attempt, settings.executor())
        .start();
  }

  @Override
  public Attempts attempts(InferenceRequest request) {
    return attempts(request, settings.executor());
  }

  private Attempts attempts(InferenceRequest request, Executor executor) {
    return new AttemptRow(request, attemptEntrance, retries, executor);
  }

  @Override
  public Route route(String model) {
    return new PipelineRoute(Objects.requireNonNull(model, "model"));
  }

  @Override
  public void updateEndpoints(Collection<Endpoint> endpoints) {
    Map<String, Endpoint> byId = new LinkedHashMap<>();
    for (Endpoint endpoint : endpoints) {
      if (byId.put(endpoint.id(), endpoint) != null) {
        throw new IllegalArgumentException(
            "endpoint " + endpoint.id() + ": named twice (expected: each id once)");
      }
    }
    membership.update(byId);
    membership.fleet().recalibrate(0); // what joins is believed to be like the others
    endpointsReturned();
    if (prober != null) {
      prober.membersChanged();
    }
  }

  @Override
  public CompletableFuture<Void> drain(String endpointId) {
    return membership.drain(endpointId).copy();
  }

  @Override
  public void eject(String endpointId, Duration duration) {
    if (duration.isNegative() || duration.isZero() || duration.toDays() > 365) {
      throw new IllegalArgumentException(
          "duration: " + duration + " (expected: above zero and at most P365D)");
    }
    long until = pipeline.nanos() + duration.toNanos();
    if (membership.eject(endpointId, EjectionReason.requested(), until)) {
      returnTimer.schedule(endpointId, duration, until);
    }
  }

  private void endpointsReturned() {
    slowStarts.begin();
    queue.serve();
  }

  @Override
  public void reinstate(String endpointId) {
    membership.reinstate(endpointId, "reinstated");
    endpointsReturned();
  }

  @Override
  public RouterSnapshot snapshot() {
    long now = pipeline.nanos();
    List<EndpointSnapshot> endpoints =
        membership.fleet().members().stream().map(member -> member.snapshot(now)).toList();
    return new RouterSnapshot(endpoints, queue.size());
  }

  @Override
  public Explanation explain(InferenceRequest request) {
    return new Explainer(pipeline, settings.selector(), membership.fleet(), request).explain();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (prober != null) {
        prober.close();
      }
      returnTimer.close();
      slowStarts.close();
      queue.close();
      delays.close();
      settings.onClose().run();
    }
  }

  @Override
  public String toString() {
    return "InferenceRouter[" + membership.fleet().members().size() + " endpoints]";
  }

  /** A route: the pipeline, entered with a model that has been looked up before. */
  private final class PipelineRoute implements Route {
    /** A fleet and the candidates of the model in it. */
    private record Resolved(Fleet fleet, CandidateSet candidates) {}

    private final String model;
    // Racy by design: every value is right for the fleet it names, and that is compared on each
    // use.
    private volatile Resolved resolved;

    PipelineRoute(String model) {
      this.model = model;
      this.resolved = resolve(membership.fleet());
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
      if (!request.modelVersion().isEmpty() || !request.allowedRegions().isEmpty() || closed) {
        return PipelineRouter.this.acquire(request, nowNanos);
      }
      Resolved now = resolved;
      Fleet fleet = membership.fleet();
      if (now.fleet() != fleet) {
        now = resolve(fleet);
        resolved = now;
      }
      RoutedLease lease = pipeline.routeWithin(now.candidates(), request, nowNanos);
      return lease != null ? lease : PipelineRouter.this.acquire(request, nowNanos);
    }

    @Override
    public String toString() {
      return "Route[" + (model.isEmpty() ? "any model" : model) + "]";
    }
  }

  private final class AttemptEntrance implements AttemptRow.Entrance {
    @Override
    public CompletableFuture<Lease> acquire(
        InferenceRequest request, Tried tried, Executor executor) {
      return PipelineRouter.this.acquire(
          request, tried.ids(), asked -> pipeline.route(asked, tried, pipeline.nanos()), executor);
    }

    @Override
    public Lease acquireNow(InferenceRequest request, Tried tried) {
      return granted(closed ? null : pipeline.route(request, tried, pipeline.nanos()), request);
    }

    @Override
    public Optional<Lease> acquireBesides(Set<String> ids, InferenceRequest request) {
      return closed
          ? Optional.empty()
          : Optional.ofNullable(pipeline.routeBesides(ids, request, pipeline.nanos()));
    }

    @Override
    public Optional<Duration> limited(InferenceRequest request) {
      return !closed && refusal(request).noEndpoint() instanceof OverloadedException overloaded
          ? Optional.of(overloaded.retryAfter())
          : Optional.empty();
    }

    @Override
    public boolean hasOthers(InferenceRequest request, Set<String> ids) {
      return Pipeline.hasOthers(membership.fleet(), request, ids);
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

  private final class AfterRelease implements Pipeline.AfterRelease {
    @Override
    public void slotFreed() {
      queue.serve();
    }

    @Override
    public void idle(Candidate candidate) {
      try {
        settings.executor().execute(() -> membership.idle(candidate));
      } catch (RejectedExecutionException e) {
        taskRejected(e);
        membership.idle(candidate);
      }
    }

    @Override
    public void failing() {
      judge(passiveHealth::evaluate);
    }

    @Override
    public void judgmentDue() {
      judge(passiveHealth::evaluate);
    }

    @Override
    public void rateLimited(Candidate candidate, Outcome outcome) {
      if (settings.health().isEnabled()) {
        judge(
            () ->
                passiveHealth.rateLimited(
                    candidate.state, candidate.endpoint.id(), outcome.retryAfter()));
      }
    }

    private void judge(Runnable judgment) {
      try {
        settings.executor().execute(judgment);
      } catch (RejectedExecutionException e) {
        taskRejected(e);
        judgment.run();
      }
    }

    @Override
    public void recalibrationDue(double elapsedSeconds) {
      try {
        settings.executor().execute(() -> membership.fleet().recalibrate(elapsedSeconds));
      } catch (RejectedExecutionException e) {
        taskRejected(e); // what is learned stays as it is until the next time
      }
    }

    @Override
    public void warmedUp(Candidate candidate) {
      if (events.isHeard()) {
        membership.warmedUp(candidate.endpoint);
      }
    }
  }

  private void taskRejected(RejectedExecutionException failure) {
    events.faultIsolated(Component.EXECUTOR, "the executor or scheduler refused a task", failure);
  }

  private final class MembershipEvents implements MembershipObserver {
    @Override
    public void changed(EndpointChanged event) {
      events.emit(listener -> listener.endpointChanged(event));
    }

    @Override
    public void ejected(EndpointEjected event) {
      events.emit(listener -> listener.endpointEjected(event));
    }

    @Override
    public void returned(EndpointReturned event) {
      events.emit(listener -> listener.endpointReturned(event));
    }

    @Override
    public void drained(CompletableFuture<@Nullable Void> drained, boolean removed) {
      Runnable completion =
          removed
              ? () -> drained.complete(null)
              : () ->
                  drained.completeExceptionally(
                      new CancellationException("drain: ended (the endpoint was added again)"));
      try {
        settings.executor().execute(completion);
      } catch (RejectedExecutionException e) {
        taskRejected(e);
        completion.run();
      }
    }
  }

  private final class HealthEvents implements HealthObserver {
    @Override
    public void withheld(EjectionWithheld event) {
      events.emit(listener -> listener.ejectionWithheld(event));
    }

    @Override
    public void probeFailed(Throwable thrown) {
      events.faultIsolated(Component.PROBE, "a probe threw", thrown);
    }

    @Override
    public void taskRejected(RejectedExecutionException failure) {
      PipelineRouter.this.taskRejected(failure);
    }
  }

  private final class QueueRefusals implements WaitQueue.Refusals {
    @Override
    public InferenceRouterException queueFull(InferenceRequest request) {
      return overloaded(
          request,
          OverloadedException.Reason.QUEUE_FULL,
          "queue: full with " + settings.queueCapacity() + " request(s)");
    }

    @Override
    public InferenceRouterException timedOut(InferenceRequest request, Duration waited) {
      boolean deadline = request.deadline().filter(d -> d.compareTo(waited) <= 0).isPresent();
      return overloaded(
          request,
          deadline ? OverloadedException.Reason.DEADLINE : OverloadedException.Reason.QUEUE_TIMEOUT,
          "queue: waited for " + waited);
    }

    private InferenceRouterException overloaded(
        InferenceRequest request, OverloadedException.Reason reason, String what) {
      return shed(request, refusal(request).overloaded(reason, what));
    }

    @Override
    public InferenceRouterException closed(InferenceRequest request) {
      return shed(request, new RouterClosedException());
    }

    @Override
    public void taskRejected(RejectedExecutionException failure) {
      PipelineRouter.this.taskRejected(failure);
    }
  }
}
