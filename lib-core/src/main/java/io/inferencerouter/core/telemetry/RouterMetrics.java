package io.inferencerouter.core.telemetry;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.AttemptStalled;
import io.inferencerouter.EndpointChanged;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.FaultIsolated;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.Lease;
import io.inferencerouter.LeaseReclaimed;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.RouterListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reports what a router does to a Micrometer registry.
 *
 * <p>Add it to the router as a listener, and then {@linkplain #bindTo bind it} to the router:
 *
 * <pre>{@code
 * RouterMetrics metrics = new RouterMetrics(registry);
 * InferenceRouter router = InferenceRouters.builder().listener(metrics).endpoints(endpoints).build();
 * metrics.bindTo(router);
 * }</pre>
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>kind</th><th>tags</th></tr>
 *   <tr><td>inference.router.lease</td><td>timer</td><td>endpoint, outcome</td></tr>
 *   <tr><td>inference.router.first.token</td><td>timer</td><td>endpoint</td></tr>
 *   <tr><td>inference.router.retries</td><td>counter</td><td>outcome</td></tr>
 *   <tr><td>inference.router.retries.refused</td><td>counter</td><td>reason</td></tr>
 *   <tr><td>inference.router.moves</td><td>counter</td><td>revocation</td></tr>
 *   <tr><td>inference.router.stalls</td><td>counter</td><td>phase</td></tr>
 *   <tr><td>inference.router.reclaimed</td><td>counter</td><td></td></tr>
 *   <tr><td>inference.router.shed</td><td>counter</td><td>reason</td></tr>
 *   <tr><td>inference.router.isolated.faults</td><td>counter</td><td>component</td></tr>
 *   <tr><td>inference.router.queue</td><td>gauge</td><td></td></tr>
 *   <tr><td>inference.router.in.flight</td><td>gauge</td><td>endpoint</td></tr>
 *   <tr><td>inference.router.reserved.seconds</td><td>gauge</td><td>endpoint</td></tr>
 *   <tr><td>inference.router.error.level</td><td>gauge</td><td>endpoint</td></tr>
 * </table>
 *
 * <p>No tag comes from a request: models, tenants and sessions would make as many meters as callers
 * can think of. The meters of an endpoint are removed with it. Safe for use by many threads; one
 * instance is for one router.
 */
public final class RouterMetrics implements RouterListener {
  private static final String PREFIX = "inference.router.";
  private static final String ENDPOINT = "endpoint";

  private final MeterRegistry registry;
  private final Map<String, EndpointMeters> endpoints = new ConcurrentHashMap<>();
  private volatile @Nullable RecentSnapshot snapshots;

  /** Creates metrics that report to a registry. */
  public RouterMetrics(MeterRegistry registry) {
    this.registry = Objects.requireNonNull(registry, "registry");
  }

  /**
   * Registers the gauges of a router and of the endpoints it has, and from now on of those that
   * join.
   */
  public void bindTo(InferenceRouter router) {
    RecentSnapshot recent = new RecentSnapshot(router, registry.config().clock());
    snapshots = recent;
    Gauge.builder(PREFIX + "queue", recent, r -> r.get().queued())
        .description("Requests that wait for a slot")
        .register(registry);
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      registerGauges(recent, endpoint.endpoint().id());
    }
  }

  private void registerGauges(RecentSnapshot recent, String id) {
    EndpointMeters meters = meters(id);
    meters.add(gauge(recent, id, "in.flight", EndpointSnapshot::inFlight));
    meters.add(
        gauge(
            recent,
            id,
            "reserved.seconds",
            e -> e.reservedInput().plus(e.reservedOutput()).toNanos() * 1e-9));
    meters.add(gauge(recent, id, "error.level", EndpointSnapshot::errorLevel));
  }

  private Gauge gauge(
      RecentSnapshot recent, String id, String name, ToDoubleFunction<EndpointSnapshot> value) {
    return Gauge.builder(
            PREFIX + name,
            recent,
            r -> r.get().endpoint(id).map(e -> value.applyAsDouble(e)).orElse(Double.NaN))
        .tag(ENDPOINT, id)
        .register(registry);
  }

  private EndpointMeters meters(String id) {
    EndpointMeters meters = endpoints.get(id);
    return meters != null
        ? meters
        : endpoints.computeIfAbsent(id, unused -> new EndpointMeters(registry, PREFIX, id));
  }

  /**
   * The meters of the endpoint of a lease. Those of one that has left are not kept: of two leases
   * that were the last on it, one may end here when the other has removed it.
   */
  private EndpointMeters meters(Lease lease) {
    String id = lease.endpoint().id();
    EndpointMeters known = endpoints.get(id);
    if (known != null) {
      return known;
    }
    EndpointMeters made = meters(id);
    RecentSnapshot recent = snapshots;
    if (recent != null && !recent.isMemberNow(id)) {
      remove(id);
    }
    return made;
  }

  private void remove(String id) {
    EndpointMeters meters = endpoints.remove(id);
    if (meters != null) {
      meters.removeFrom(registry);
    }
  }

  @Override
  public void firstToken(Lease lease, long elapsedNanos) {
    meters(lease).firstToken().record(elapsedNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {
    meters(lease).lease(outcome.kind()).record(elapsedNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void attemptRetried(AttemptRetried event) {
    Counter.builder(PREFIX + "retries")
        .tag("outcome", tag(event.outcome().kind()))
        .register(registry)
        .increment();
    event
        .revocation()
        .ifPresent(
            why ->
                Counter.builder(PREFIX + "moves")
                    .tag("revocation", tag(why))
                    .register(registry)
                    .increment());
  }

  @Override
  public void attemptStalled(AttemptStalled event) {
    Counter.builder(PREFIX + "stalls")
        .tag("phase", event.begun() ? "stream" : "first_token")
        .register(registry)
        .increment();
  }

  @Override
  public void leaseReclaimed(LeaseReclaimed event) {
    Counter.builder(PREFIX + "reclaimed").register(registry).increment();
  }

  @Override
  public void retryRefused(RetryRefused event) {
    Counter.builder(PREFIX + "retries.refused")
        .tag("reason", tag(event.reason()))
        .register(registry)
        .increment();
  }

  @Override
  public void requestShed(RequestShed event) {
    Counter.builder(PREFIX + "shed")
        .tag("reason", reason(event.reason()))
        .register(registry)
        .increment();
  }

  private static String reason(InferenceRouterException exception) {
    if (exception instanceof OverloadedException overloaded) {
      return tag(overloaded.reason());
    }
    return exception instanceof NoEndpointException none ? tag(none.reason()) : "closed";
  }

  static String tag(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void faultIsolated(FaultIsolated event) {
    Counter.builder(PREFIX + "isolated.faults")
        .tag("component", tag(event.component()))
        .register(registry)
        .increment();
  }

  @Override
  public void endpointChanged(EndpointChanged event) {
    String id = event.endpoint().id();
    RecentSnapshot recent = snapshots;
    if (event.to() == Lifecycle.REMOVED) {
      remove(id);
    } else if (event.from().isEmpty() && recent != null) {
      registerGauges(recent, id);
    }
  }
}
