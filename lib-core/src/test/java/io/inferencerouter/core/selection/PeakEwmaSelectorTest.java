package io.inferencerouter.core.selection;

import static io.inferencerouter.core.testing.Fleets.equal;
import static io.inferencerouter.core.testing.Fleets.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PeakEwmaSelectorTest {
  private static final InferenceRequest REQUEST = tokens(100);

  private final VirtualTime time = new VirtualTime();

  private InferenceRouter router(int size) {
    return Fleets.router(Selectors.peakEwma(), time, equal(size));
  }

  /** One request at a time, each with the latency of its endpoint. */
  private Map<String, Integer> oneByOne(
      InferenceRouter router, int requests, Map<String, Duration> latencies) {
    Map<String, Integer> shares = new HashMap<>();
    for (int i = 0; i < requests; i++) {
      Lease lease = router.acquire(REQUEST);
      String id = lease.endpoint().id();
      shares.merge(id, 1, Integer::sum);
      time.advance(latencies.get(id));
      lease.complete(Outcome.success());
    }
    return shares;
  }

  private static Map<String, Duration> latencies(long... millis) {
    Map<String, Duration> latencies = new HashMap<>();
    for (int i = 0; i < millis.length; i++) {
      latencies.put("e" + i, Duration.ofMillis(millis[i]));
    }
    return latencies;
  }

  @Test
  void oneSlowAnswerIsEnoughToBeAvoided() {
    InferenceRouter router = router(2);
    oneByOne(router, 50, latencies(100, 100));
    List<Lease> both = List.of(router.acquire(REQUEST), router.acquire(REQUEST));
    time.advance(Duration.ofMillis(100));
    both.forEach(l -> complete(l, "e1"));
    time.advance(Duration.ofSeconds(5));
    both.forEach(l -> complete(l, "e0"));

    assertThat(oneByOne(router, 100, latencies(100, 100))).containsOnlyKeys("e1");
  }

  private static void complete(Lease lease, String id) {
    if (lease.endpoint().id().equals(id)) {
      lease.complete(Outcome.success());
    }
  }

  @Test
  void anAvoidedEndpointIsTriedAgainWithOneRequestAtATime() {
    InferenceRouter router = router(2);
    oneByOne(router, 20, latencies(5_000, 100));
    int until = 0;
    Lease trial = null;
    for (; until < 20_000 && trial == null; until++) {
      Lease lease = router.acquire(REQUEST);
      if (lease.endpoint().id().equals("e0")) {
        trial = lease;
      } else {
        time.advance(Duration.ofMillis(100));
        lease.complete(Outcome.success());
      }
    }

    // 5 s have faded to 100 ms after 49 time constants.
    assertThat(until).isBetween(4_000, 5_500);
    List<Lease> meanwhile = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      meanwhile.add(router.acquire(REQUEST));
    }
    assertThat(meanwhile).allMatch(lease -> lease.endpoint().id().equals("e1"));
  }

  @Test
  void anEndpointThatHasBecomeFastIsFollowed() {
    InferenceRouter router = router(2);
    oneByOne(router, 20, latencies(1_000, 100));
    assertThat(oneByOne(router, 50, latencies(20, 100))).containsOnlyKeys("e1");

    Map<String, Integer> shares = oneByOne(router, 5_000, latencies(20, 100));

    assertThat(shares.get("e0")).isGreaterThan(3_000);
  }

  @Test
  void concurrentRequestsAreSharedInProportionToTheSpeed() {
    InferenceRouter router = router(2);
    oneByOne(router, 20, latencies(100, 300));
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      leases.add(router.acquire(REQUEST));
    }

    assertThat(leases.stream().filter(l -> l.endpoint().id().equals("e0")).count())
        .isBetween(55L, 65L);
  }

  @Test
  void anEndpointWithoutHistoryIsNeitherFloodedNorStarved() {
    InferenceRouter router = router(3);
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      leases.add(router.acquire(REQUEST));
    }
    for (int i = 0; i < 200; i++) {
      time.advance(Duration.ofMillis(100));
      leases.remove(0).complete(Outcome.success());
      leases.add(router.acquire(REQUEST));
    }
    List<Endpoint> more = new ArrayList<>(equal(3));
    more.add(Endpoint.of("new", "http://new"));
    router.updateEndpoints(more);

    int onNew = 0;
    for (int i = 0; i < 400; i++) {
      time.advance(Duration.ofMillis(100));
      leases.remove(0).complete(Outcome.success());
      Lease lease = router.acquire(REQUEST);
      onNew += lease.endpoint().id().equals("new") ? 1 : 0;
      leases.add(lease);
      assertThat(router.snapshot().endpoint("new").orElseThrow().inFlight())
          .isLessThanOrEqualTo(12);
    }

    assertThat(onNew).isBetween(80, 130);
  }

  @Test
  void notEverybodyGoesToTheOneThatWasFastLastTime() {
    InferenceRouter router = router(8);
    oneByOne(router, 400, latencies(90, 100, 100, 100, 100, 100, 100, 100));
    Map<String, Integer> shares = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      try (Lease lease = router.acquire(REQUEST)) { // a client that knows nothing of the others
        shares.merge(lease.endpoint().id(), 1, Integer::sum);
      }
    }

    assertThat(shares.values()).allMatch(share -> share < 600);
  }

  @Test
  void aFleetWithoutHistoryGoesByThePrediction() {
    InferenceRouter router = Fleets.router(Selectors.peakEwma(), time, Fleets.weighted(3, 1));
    for (int i = 0; i < 80; i++) {
      router.acquire(REQUEST);
    }

    assertThat(router.snapshot().endpoint("e0").orElseThrow().inFlight()).isBetween(55, 65);
  }

  @Test
  void onlySuccessesAreMeasured() {
    List<Double> seen = new ArrayList<>();
    EndpointSelector asking =
        (request, candidates) -> {
          seen.add(candidates.latencySeconds(0));
          return 0;
        };
    InferenceRouter router = Fleets.router(asking, time, equal(1));
    for (Outcome outcome :
        List.of(
            Outcome.cancelled(),
            Outcome.serverFault(),
            Outcome.rejected(),
            Outcome.success(),
            Outcome.timeout())) {
      Lease lease = router.acquire(REQUEST);
      time.advance(Duration.ofSeconds(2));
      lease.complete(outcome);
    }
    router.acquire(REQUEST).close();

    assertThat(seen.subList(0, 4)).containsOnly(0.0);
    assertThat(seen.get(4)).isCloseTo(2, within(1e-6));
    assertThat(seen.get(5)).isCloseTo(2 / 1.2, within(0.01));
  }

  @Test
  void theClockIsReadOncePerPickAndOncePerRelease() {
    AtomicInteger readings = new AtomicInteger();

    assertThat(readingsPerCall(Selectors.peakEwma(), readings)).isEqualTo(2);
    assertThat(readingsPerCall(Selectors.predictedTime(), readings)).isEqualTo(2);
  }

  private int readingsPerCall(EndpointSelector selector, AtomicInteger readings) {
    InferenceRouter router =
        InferenceRouters.builder()
            .slowStart(SlowStart.none())
            .endpoints(equal(2))
            .selector(selector)
            .ticker(readings::incrementAndGet)
            .scheduler(time)
            .build();
    router.acquire(REQUEST).complete(Outcome.success());
    int before = readings.get();
    router.acquire(REQUEST).complete(Outcome.success());
    return readings.get() - before;
  }
}
