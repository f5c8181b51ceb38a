package io.inferencerouter.core.internal.router;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import io.inferencerouter.Ticker;
import io.inferencerouter.Usage;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.internal.concurrent.Interval;
import io.inferencerouter.core.internal.execution.Tried;
import io.inferencerouter.core.internal.health.PassiveHealth;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.CandidateSet;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Recalibration;
import io.inferencerouter.core.internal.watch.LeaseWatch;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a request through the router, as one list:
 *
 * <ol>
 *   <li><b>tiers</b>: the model asked for, then its fallbacks;
 *   <li><b>eligibility</b>: the candidates of that model, version and regions, ready in the {@link
 *       Fleet};
 *   <li><b>cost</b>: input and output work by the {@link CostEstimator};
 *   <li><b>select</b>: the {@link EndpointSelector} chooses;
 *   <li><b>lease</b>: slot and predicted time are reserved in one step; a lost race selects again,
 *       a few times at most;
 *   <li><b>release</b>: what was reserved is returned, the outcome is noted, the queue is served.
 * </ol>
 *
 * <p>Routing and releasing take no lock and allocate nothing but the lease, and a small object
 * beside it where the prefix keys of a request are looked up. User code is called here and only
 * here, and what it throws or gets wrong goes no further.
 */
final class Pipeline {
  /** How often a selector may choose again after losing the race for a slot. */
  private static final int MAX_SELECTIONS = 4;

  /**
   * What happens after a release, and beside it; implemented by the router around this pipeline.
   */
  interface AfterRelease {
    /** A slot, or memory, has come free. */
    void slotFreed();

    /** The endpoint is closed, and this was its last request. */
    void idle(Candidate candidate);

    /** The endpoint has answered its first request. */
    void warmedUp(Candidate candidate);

    /** Requests fail on an endpoint, so many in a row that it should be looked at now. */
    void failing();

    /** It is time to look at how the endpoints are. */
    void judgmentDue();

    /** An attempt is taken back, and somebody has something to do then. */
    void revoked(Consumer<Revocation> action, Revocation why);

    /** An endpoint has refused a request for reasons of quota. */
    void rateLimited(Candidate candidate, Outcome outcome, long acquiredNanos);

    /** So much time has passed with requests in it since what is learned was last put in order. */
    void recalibrationDue(double elapsedSeconds);
  }

  private final Supplier<Fleet> fleet;
  private final GuardedSelector selector;
  private final GuardedEstimator estimator;
  private final Ticker ticker;
  private final LongSupplier random;
  private final Events events;
  private final AfterRelease afterRelease;
  private final LeaseWatch watch;
  private final boolean watchesStreams;
  private final boolean watchesAll;
  private final Interval recalibrationDue;
  private final HealthPolicy health;
  private final Interval judgmentDue;
  private final Affinity affinity;

  /**
   * Whether a selector has asked for a latency. Plain: a thread that sees it late loses a
   * measurement.
   */
  private boolean measuresLatency;

  Pipeline(
      Settings settings,
      Supplier<Fleet> fleet,
      Events events,
      LeaseWatch watch,
      AfterRelease afterRelease) {
    this.fleet = fleet;
    this.selector = new GuardedSelector(settings.selector(), events);
    this.estimator = new GuardedEstimator(settings.costEstimator(), events);
    this.watch = watch;
    this.watchesStreams = watch.watchesStreams();
    this.watchesAll = watch.watchesAll();
    this.ticker = settings.ticker();
    this.random = settings.random();
    this.events = events;
    this.afterRelease = afterRelease;
    this.affinity = new Affinity(random.getAsLong());
    this.recalibrationDue =
        new Interval(Recalibration.INTERVAL, ticker.nanos(), afterRelease::recalibrationDue);
    this.health = settings.health();
    this.judgmentDue =
        Interval.even(HealthPolicy.INTERVAL, ticker.nanos(), elapsed -> afterRelease.judgmentDue());
  }

  long nanos() {
    return ticker.nanos();
  }

  Events events() {
    return events;
  }

  /** The selector, for looking at what it would choose. */
  GuardedSelector selector() {
    return selector;
  }

  /** Watches a lease that was not watched from the beginning. */
  void watch(RevocableLease lease) {
    watch.add(lease, lease.bits());
  }

  /** Runs what is to be done when an attempt is taken back. */
  void deliver(Consumer<Revocation> action, Revocation why) {
    afterRelease.revoked(action, why);
  }

  /** Measures latencies from now on. */
  void measureLatency() {
    if (!measuresLatency) {
      measuresLatency = true;
    }
  }

  /** Whether every release needs the time: somebody listens, or latencies are measured. */
  boolean isTimed() {
    return measuresLatency || events.isHeard();
  }

  /**
   * Routes a request now.
   *
   * @return the lease; null if no endpoint could be had
   */
  @Nullable RoutedLease route(InferenceRequest request, long nowNanos) {
    return route(fleet.get(), request, null, nowNanos);
  }

  /**
   * Routes an attempt at a request now, to an endpoint that was not tried, as long as there is one.
   *
   * @return the lease; null if no such endpoint could be had
   */
  @Nullable RoutedLease route(InferenceRequest request, Tried tried, long nowNanos) {
    Fleet now = fleet.get();
    Set<String> excluded = tried.excluded(nowNanos, ids -> Tiers.hasOthers(now, request, ids));
    return route(now, request, excluded, nowNanos);
  }

  /** Routes an attempt at a request now, to none of these endpoints; null if that cannot be had. */
  @Nullable RoutedLease routeBesides(Set<String> ids, InferenceRequest request, long nowNanos) {
    return route(fleet.get(), request, ids, nowNanos);
  }

  private @Nullable RoutedLease route(
      Fleet now, InferenceRequest request, @Nullable Set<String> excluded, long nowNanos) {
    RoutedLease lease =
        routeWithin(Tiers.candidates(now, request, request.model()), request, excluded, nowNanos);
    return lease != null || request.fallbackModels().isEmpty()
        ? lease
        : routeToFallback(now, request, excluded, nowNanos);
  }

  private @Nullable RoutedLease routeToFallback(
      Fleet now, InferenceRequest request, @Nullable Set<String> excluded, long nowNanos) {
    List<String> fallbacks = request.fallbackModels();
    for (int i = 0; i < fallbacks.size(); i++) {
      CandidateSet candidates =
          Tiers.candidates(now, request, fallbacks.get(i)).serving(fallbacks.get(i));
      RoutedLease lease = routeWithin(candidates, request, excluded, nowNanos);
      if (lease != null) {
        return lease;
      }
    }
    return null;
  }

  /** Routes a request to one of the candidates; null if none could be had. */
  @Nullable RoutedLease routeWithin(
      CandidateSet candidates, InferenceRequest request, long nowNanos) {
    return routeWithin(candidates, request, null, nowNanos);
  }

  /**
   * Routes a request to one of the candidates.
   *
   * @param excluded the ids of endpoints that are not to be used, for one attempt of a row; null
   *     for a request that is not in a row
   */
  private @Nullable RoutedLease routeWithin(
      CandidateSet candidates,
      InferenceRequest request,
      @Nullable Set<String> excluded,
      long nowNanos) {
    if (candidates.size() == 0) {
      return null;
    }
    long seed = random.getAsLong(); // first, as what takes longest follows from it
    double inputWork = estimator.inputWork(request);
    double outputWork = estimator.outputWork(request);
    RoutedLease lease =
        excluded == null
            ? new RoutedLease(this, candidates, request, inputWork, outputWork, nowNanos, seed)
            : new AttemptLease(
                this, candidates, request, inputWork, outputWork, nowNanos, seed, excluded);
    if (Affinity.concerns(request)) {
      affinity.lookup(lease);
    }
    if (!reserve(lease)) {
      return null;
    }
    if (watchesAll || (watchesStreams && request.streaming())) {
      lease.watched();
      watch.add(lease, seed);
    }
    if (events.isHeard()) {
      events.emit(listener -> listener.leaseAcquired(lease));
    }
    return lease;
  }

  private boolean reserve(RoutedLease lease) {
    int size = lease.size();
    for (int selection = 0; selection < MAX_SELECTIONS; selection++) {
      int index = selector.select(lease);
      if (index == EndpointSelector.NONE) {
        if (lease.considersAll() || !lease.candidates.hasSlowStarts()) {
          return false;
        }
        lease.considerAll();
        continue;
      }
      if (index < 0 || index >= size) {
        selector.outOfRange(index, size);
        break;
      }
      if (lease.reserve(index)) {
        return true;
      }
    }
    lease.considerAll();
    return reserveAny(lease);
  }

  /**
   * The last resort after lost races and nonsense: whatever has a free slot, beginning anywhere.
   */
  private static boolean reserveAny(RoutedLease lease) {
    int size = lease.size();
    int start = lease.random(size);
    for (int i = 0; i < size; i++) {
      int index = start + i < size ? start + i : start + i - size;
      if (lease.isAvailable(index) && lease.reserve(index)) {
        return true;
      }
    }
    return false;
  }

  /** A decision for looking at. */
  Inspection inspect(CandidateSet candidates, InferenceRequest request) {
    double inputWork = estimator.inputWork(request);
    double outputWork = estimator.outputWork(request);
    Inspection inspection =
        new Inspection(candidates, request, inputWork, outputWork, nanos(), random.getAsLong());
    if (Affinity.concerns(request)) {
      affinity.lookup(inspection);
    }
    return inspection;
  }

  /** Called when memory was reserved and returned without a lease. */
  void memoryFreed() {
    afterRelease.slotFreed();
  }

  /** Called once for each lease, when its first output has arrived. */
  void read(RoutedLease lease) {
    if (Affinity.concerns(lease.request)) {
      affinity.read(lease.request, lease.model(), lease.chosen().state);
    }
  }

  /** Called once for each lease that succeeds. */
  void answered(RoutedLease lease, Candidate candidate, boolean read, Usage usage) {
    if (Affinity.concerns(lease.request)) {
      if (!read) {
        affinity.read(lease.request, lease.model(), candidate.state);
      }
      double units =
          usage.isKnown()
              ? usage.inputUnits() + usage.outputUnits()
              : lease.inputWork() + lease.outputWork();
      double noted = lease.notedShare(candidate);
      if (usage.isCachedInputKnown() && usage.inputUnits() > 0) {
        lease.reported(candidate, (double) usage.cachedInputUnits() / usage.inputUnits());
      }
      affinity.answered(lease.request, lease.model(), candidate.state, units, noted, usage);
    }
  }

  /**
   * Called once for each lease, after everything it held has been returned. What became of a
   * request from before an ejection says nothing of how the endpoint is after it.
   *
   * @param timed whether {@code nowNanos} is the time; otherwise it is that of the decision
   */
  void released(
      RoutedLease lease,
      Candidate candidate,
      Outcome outcome,
      long nowNanos,
      boolean timed,
      boolean drained) {
    try {
      note(lease, candidate, outcome, nowNanos, timed);
      if (drained) {
        afterRelease.idle(candidate);
      }
    } finally {
      // Whatever the executor throws, and after an ejection, so that nobody is sent there.
      afterRelease.slotFreed();
    }
    if (timed) {
      if (outcome.kind() == Outcome.Kind.SUCCESS) {
        recalibrationDue.check(nowNanos);
      }
      if (health.isEnabled()) {
        judgmentDue.check(nowNanos);
      }
    }
  }

  private void note(
      RoutedLease lease, Candidate candidate, Outcome outcome, long nowNanos, boolean timed) {
    boolean isCurrent = candidate.work.isCurrent(lease.acquiredNanos());
    if (outcome.kind().isFault()) {
      if (isCurrent && PassiveHealth.isTooMany(health, candidate.work.failed(nowNanos))) {
        afterRelease.failing();
      }
    } else if (outcome.kind() == Outcome.Kind.SUCCESS) {
      if (outcome.usage().isKnown()) {
        estimator.settle(lease.request, outcome.usage());
      }
      if (isCurrent) {
        succeeded(candidate, nowNanos - lease.acquiredNanos(), nowNanos, timed);
      }
    } else if (outcome.kind() == Outcome.Kind.RATE_LIMITED
        && (isCurrent || outcome.retryAfter().isPresent())) {
      afterRelease.rateLimited(candidate, outcome, lease.acquiredNanos());
    }
    if (events.isHeard()) {
      long elapsed = nowNanos - lease.acquiredNanos();
      events.emit(listener -> listener.leaseCompleted(lease, outcome, elapsed));
    }
  }

  private void succeeded(Candidate candidate, long latency, long nowNanos, boolean timed) {
    candidate.work.answered();
    if (candidate.work.isErrorLevelRaised()) {
      candidate.work.succeeded(nowNanos);
    }
    if (measuresLatency && timed && latency >= 0) {
      candidate.work.answeredAfter(latency, nowNanos);
    }
    if (candidate.work.warmedUp()) {
      afterRelease.warmedUp(candidate);
    }
  }
}
