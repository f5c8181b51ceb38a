package io.inferencerouter.core.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Attempts;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RouterMetricsTest {
  private static final InferenceRequest REQUEST =
      InferenceRequest.forModel("m").tenant("acme").input(InputUnit.TOKENS, 5_000).build();

  private final VirtualTime time = new VirtualTime();
  private final MockClock clock = new MockClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
  private final RouterMetrics metrics = new RouterMetrics(registry);
  private final InferenceRouter router =
      InferenceRouters.builder()
          .endpoint(Endpoint.builder("a", "http://a").maxConcurrency(1).build())
          .listener(metrics)
          .costEstimator(Fleets.proportionalText())
          .ticker(time)
          .scheduler(time)
          .executor(Runnable::run)
          .build();

  private double gauge(String name, String endpoint) {
    clock.add(Duration.ofSeconds(1));
    return registry.get("inference.router." + name).tag("endpoint", endpoint).gauge().value();
  }

  @Test
  void leasesAreTimedByEndpointAndOutcome() {
    metrics.bindTo(router);
    Lease lease = router.acquire(REQUEST);
    time.advance(Duration.ofMillis(200));
    lease.firstToken();
    time.advance(Duration.ofMillis(300));
    lease.complete(Outcome.success());
    router.acquire(REQUEST).complete(Outcome.timeout());

    assertThat(
            registry
                .get("inference.router.lease")
                .tags("endpoint", "a", "outcome", "success")
                .timer()
                .totalTime(TimeUnit.MILLISECONDS))
        .isEqualTo(500);
    assertThat(
            registry
                .get("inference.router.lease")
                .tags("endpoint", "a", "outcome", "timeout")
                .timer()
                .count())
        .isEqualTo(1);
    assertThat(
            registry
                .get("inference.router.first.token")
                .tag("endpoint", "a")
                .timer()
                .totalTime(TimeUnit.MILLISECONDS))
        .isEqualTo(200);
  }

  @Test
  void gaugesFollowTheState() {
    metrics.bindTo(router);
    assertThat(gauge("in.flight", "a")).isZero();
    Lease lease = router.acquire(REQUEST);

    assertThat(gauge("in.flight", "a")).isEqualTo(1);
    assertThat(gauge("reserved.seconds", "a")).isEqualTo(1 + 5);
    lease.complete(Outcome.serverFault());
    assertThat(gauge("in.flight", "a")).isZero();
    assertThat(gauge("error.level", "a")).isEqualTo(1);
  }

  @Test
  void whatIsShedAndWhatIsIsolatedIsCounted() {
    Lease held = router.acquire(REQUEST);
    assertThatThrownBy(() -> router.acquire(REQUEST)).isInstanceOf(OverloadedException.class);
    held.close();
    router.updateEndpoints(List.of());
    assertThatThrownBy(() -> router.acquire(REQUEST)).hasMessageContaining("none");

    assertThat(
            registry.get("inference.router.shed").tag("reason", "no_free_slot").counter().count())
        .isEqualTo(1);
    assertThat(
            registry.get("inference.router.shed").tag("reason", "no_endpoints").counter().count())
        .isEqualTo(1);
  }

  @Test
  void retriesAreCountedAndWhyThereWereNoMore() {
    Attempts attempts = router.attempts(REQUEST.toBuilder().idempotent(true).build());
    attempts.nextNow();
    attempts.retryAfter(Outcome.serverFault());
    attempts.nextNow();
    attempts.retryAfter(Outcome.timeout().withProgress(Outcome.Progress.RECEIVED));

    assertThat(
            registry
                .get("inference.router.retries")
                .tag("outcome", "server_fault")
                .counter()
                .count())
        .isEqualTo(1);
    assertThat(
            registry
                .get("inference.router.retries.refused")
                .tag("reason", "unsafe")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void endpointsComeAndGoWithTheirMeters() {
    metrics.bindTo(router);
    router.updateEndpoints(List.of(Endpoint.of("b", "http://b")));
    router.acquire(REQUEST).complete(Outcome.success());

    assertThat(registry.find("inference.router.in.flight").tag("endpoint", "a").gauge()).isNull();
    assertThat(gauge("in.flight", "b")).isZero();
    int meters = registry.getMeters().size();
    for (int i = 0; i < 100; i++) {
      router.updateEndpoints(List.of(Endpoint.of("e" + i, "http://e" + i)));
      router.acquire(REQUEST).complete(Outcome.success());
    }
    assertThat(registry.getMeters()).hasSize(meters);
  }

  @Test
  void noTagComesFromARequest() {
    metrics.bindTo(router);
    router.acquire(REQUEST).complete(Outcome.success());

    assertThat(registry.getMeters())
        .flatMap(meter -> meter.getId().getTags())
        .extracting(Tag::getKey)
        .containsOnly("endpoint", "outcome");
  }
}
