package io.inferencerouter.core.internal.router;

import io.inferencerouter.AsyncAttempt;
import io.inferencerouter.Attempt;
import io.inferencerouter.Attempts;
import io.inferencerouter.EjectionReason;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.Explanation;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import io.inferencerouter.Route;
import io.inferencerouter.RouterSnapshot;
import io.inferencerouter.core.internal.admission.WaitQueue;
import io.inferencerouter.core.internal.execution.AsyncExecution;
import io.inferencerouter.core.internal.execution.AttemptRow;
import io.inferencerouter.core.internal.execution.BlockingExecution;
import io.inferencerouter.core.internal.execution.Delays;
import io.inferencerouter.core.internal.execution.Retries;
import io.inferencerouter.core.internal.health.PassiveHealth;
import io.inferencerouter.core.internal.health.Prober;
import io.inferencerouter.core.internal.health.ReturnTimer;
import io.inferencerouter.core.internal.health.SlowStarts;
import io.inferencerouter.core.internal.membership.Membership;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.watch.LeaseWatch;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The public contract around the {@link Pipeline}: waiting, membership, observation, closing. */
public final class PipelineRouter implements InferenceRouter {
  private final Settings settings;
  private final Events events;
  private final Announcements announcements;
  private final Membership membership;
  private final LeaseWatch watch;
  private final Pipeline pipeline;
  private final Shedding shedding;
  private final WaitQueue queue;
  private final WaitQueue.Entrance anyEndpoint;
  private final Delays delays;
  private final Retries retries;
  private final AttemptEntrance attemptEntrance;
  private final ReturnTimer returnTimer;
  private final PassiveHealth passiveHealth;
  private final SlowStarts slowStarts;
  private final @Nullable Prober prober;
  private volatile boolean closed;

  /** Creates a router with its first endpoints. */
  public PipelineRouter(Settings settings, Collection<Endpoint> endpoints) {
    this.settings = settings;
    events = new Events(settings.listeners());
    announcements = new Announcements(events, settings.executor(), this::withdraw);
    membership =
        new Membership(
            Fleet.empty(settings.defaultProfile(), settings.inputGrowth(), settings.random()),
            announcements,
            settings.ticker()::nanos,
            settings.slowStart().floor());
    returnTimer = new ReturnTimer(membership, settings.scheduler(), this::endpointsReturned);
    passiveHealth =
        new PassiveHealth(
            settings.health(), membership, returnTimer, settings.ticker(), announcements);
    slowStarts =
        new SlowStarts(settings.slowStart(), membership, settings.scheduler(), announcements);
    prober = prober(settings);
    watch =
        new LeaseWatch(
            settings.stalls(),
            settings.leaks(),
            settings.ticker(),
            settings.scheduler(),
            announcements);
    pipeline = new Pipeline(settings, membership::fleet, events, watch, new AfterRelease());
    shedding = new Shedding(settings.queueCapacity(), this, pipeline, announcements);
    queue = new WaitQueue(settings.queueCapacity(), shedding, settings.scheduler());
    anyEndpoint = request -> pipeline.route(request, pipeline.nanos());
    attemptEntrance = new AttemptEntrance(this, pipeline, shedding, events);
    delays = new Delays(settings.scheduler());
    retries = new Retries(settings.retries(), settings.ticker(), settings.random(), delays);
    updateEndpoints(endpoints);
  }

  private @Nullable Prober prober(Settings settings) {
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
            announcements);
  }

  @Override
  public Lease acquire(InferenceRequest request) {
    return acquire(request, pipeline.nanos());
  }

  Lease acquire(InferenceRequest request, long nowNanos) {
    Fleet before = membership.fleet();
    Lease lease = closed ? null : pipeline.route(request, nowNanos);
    return lease != null
        ? lease
        : lookAgain(request, before, asked -> pipeline.route(asked, pipeline.nanos()));
  }

  /**
   * Looks once more whether there is a lease, if the set of endpoints has changed meanwhile: an
   * endpoint that has just come back is not full.
   */
  Lease lookAgain(InferenceRequest request, Fleet before, WaitQueue.Entrance entrance) {
    InferenceRouterException never = shedding.never(request);
    if (never != null) {
      throw shedding.shed(request, never);
    }
    Lease lease = membership.fleet() == before ? null : entrance.tryEnter(request);
    if (lease == null) {
      throw shedding.full(request);
    }
    return lease;
  }

  @Override
  public CompletableFuture<Lease> acquireAsync(InferenceRequest request) {
    return acquire(request, Set.of(), anyEndpoint, settings.executor());
  }

  CompletableFuture<Lease> acquire(
      InferenceRequest request, Set<String> tried, WaitQueue.Entrance entrance, Executor executor) {
    // Those who wait go first: as long as there is a queue, a newcomer joins it.
    if (!closed && queue.size() == 0) {
      Lease lease = entrance.tryEnter(request);
      if (lease != null) {
        return CompletableFuture.completedFuture(lease);
      }
    }
    InferenceRouterException never = shedding.never(request);
    if (never != null) {
      return CompletableFuture.failedFuture(shedding.shed(request, never));
    }
    Duration maxWait = maxWait(request);
    if (maxWait.isZero()) {
      return CompletableFuture.failedFuture(shedding.full(request));
    }
    if (events.isHeard()) {
      events.emit(listener -> listener.requestQueued(request));
    }
    return queue.join(request, tried, entrance, maxWait, executor);
  }

  /** Whether a request that finds no room may wait for some, and displaces nobody by that. */
  boolean mayWait(InferenceRequest request) {
    return !closed && !maxWait(request).isZero() && queue.hasRoom();
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
    return new PipelineRoute(this, pipeline, Objects.requireNonNull(model, "model"));
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
    membership.recalibrate(0); // what joins is believed to be like the others
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
  public CompletableFuture<Void> remove(String endpointId) {
    return membership.remove(endpointId).copy();
  }

  private void withdraw(EndpointState state, Revocation why) {
    watch.withdraw(state, why);
  }

  Fleet fleet() {
    return membership.fleet();
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void eject(String endpointId, Duration duration) {
    if (duration.isNegative() || duration.isZero() || duration.toDays() > 365) {
      throw new IllegalArgumentException(
          "duration: " + duration + " (expected: above zero and at most P365D)");
    }
    long until = pipeline.nanos() + duration.toNanos();
    if (membership.ejections().eject(endpointId, EjectionReason.requested(), until)) {
      returnTimer.schedule(endpointId, duration, until);
    }
  }

  private void endpointsReturned() {
    slowStarts.begin();
    queue.serve();
  }

  @Override
  public void reinstate(String endpointId) {
    membership.ejections().reinstate(endpointId, "reinstated");
    endpointsReturned();
  }

  @Override
  public RouterSnapshot snapshot() {
    long now = pipeline.nanos();
    List<EndpointSnapshot> endpoints =
        membership.fleet().members().stream().map(member -> member.snapshot(now)).toList();
    return new RouterSnapshot(endpoints, queue.size(), watch.reclaimed());
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
      watch.close();
      queue.close();
      delays.close();
      settings.onClose().run();
    }
  }

  @Override
  public String toString() {
    return "InferenceRouter[" + membership.fleet().members().size() + " endpoints]";
  }

  private final class AfterRelease implements Pipeline.AfterRelease {
    @Override
    public void slotFreed() {
      queue.serve();
    }

    @Override
    public void idle(Candidate candidate) {
      announcements.run(() -> membership.idle(candidate));
    }

    @Override
    public void failing() {
      announcements.run(passiveHealth::evaluate);
    }

    @Override
    public void judgmentDue() {
      announcements.run(passiveHealth::evaluate);
    }

    @Override
    public void rateLimited(Candidate candidate, Outcome outcome, long acquiredNanos) {
      if (settings.health().isEnabled()) {
        announcements.run(
            () ->
                passiveHealth.rateLimited(
                    candidate.state, candidate.endpoint.id(), outcome.retryAfter(), acquiredNanos));
      }
    }

    @Override
    public void revoked(Consumer<Revocation> action, Revocation why) {
      announcements.deliver(action, why);
    }

    @Override
    public void recalibrationDue(double elapsedSeconds) {
      try {
        settings.executor().execute(() -> membership.recalibrate(elapsedSeconds));
      } catch (RejectedExecutionException e) {
        announcements.taskRejected(e); // what is learned stays as it is until the next time
      }
    }

    @Override
    public void warmedUp(Candidate candidate) {
      if (events.isHeard()) {
        membership.warmedUp(candidate.endpoint);
      }
    }
  }
}
