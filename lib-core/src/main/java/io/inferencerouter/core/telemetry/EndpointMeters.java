package io.inferencerouter.core.telemetry;

import io.inferencerouter.Outcome;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The meters of one endpoint, resolved once. */
final class EndpointMeters {
  private final Map<Outcome.Kind, Timer> leases = new EnumMap<>(Outcome.Kind.class);
  private final Timer firstToken;
  private final Queue<Meter> meters = new ConcurrentLinkedQueue<>();

  EndpointMeters(MeterRegistry registry, String prefix, String id) {
    for (Outcome.Kind kind : Outcome.Kind.values()) {
      Timer timer =
          Timer.builder(prefix + "lease")
              .description("Time from acquiring a lease to its end")
              .tag("endpoint", id)
              .tag("outcome", RouterMetrics.tag(kind))
              .register(registry);
      leases.put(kind, timer);
      meters.add(timer);
    }
    firstToken =
        Timer.builder(prefix + "first.token")
            .description("Time from acquiring a lease to the first output")
            .tag("endpoint", id)
            .register(registry);
    meters.add(firstToken);
  }

  Timer lease(Outcome.Kind kind) {
    Timer timer = leases.get(kind);
    if (timer == null) {
      throw new IllegalStateException("outcome: " + kind + " (expected: one of " + leases + ")");
    }
    return timer;
  }

  Timer firstToken() {
    return firstToken;
  }

  void add(Meter meter) {
    meters.add(meter);
  }

  void removeFrom(MeterRegistry registry) {
    meters.forEach(registry::remove);
  }
}
