package io.inferencerouter.core.selection;

import static io.inferencerouter.core.testing.Fleets.tokens;
import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** In a large set all are looked at while there is time for it, and a sample when there is not. */
class ScanOrSampleTest {
  private static final int SIZE = 64;
  private static final int ROUNDS = 500;
  private static final InferenceRequest REQUEST = tokens(100);

  /** Looking at all takes 10 ns for each, and may take a quarter of 1 % of the time. */
  private static final Duration INTERVAL = Duration.ofNanos(SIZE * 4_000);

  private final VirtualTime time = new VirtualTime();

  static Stream<EndpointSelector> selectors() {
    return Stream.of(
        Selectors.predictedTime(),
        Selectors.leastOutstandingWork(),
        Selectors.leastOutstandingRequests());
  }

  private static List<Endpoint> endpoints() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      endpoints.add(
          Endpoint.builder("e" + i, "http://e" + i)
              .region("e" + i)
              .maxConcurrency(256)
              .profile(HardwareProfile.builder(1_000, 50).build())
              .build());
    }
    return endpoints;
  }

  /**
   * How many of the rounds find the one endpoint of all that is idle. The rounds are held apart by
   * some time, and nobody but the one request of each round asks whether there is any.
   */
  private int found(EndpointSelector selector, Duration apart) {
    InferenceRouter router = Fleets.router(selector, time, endpoints());
    Map<String, Lease> leases = new HashMap<>();
    for (int i = 0; i < SIZE; i++) {
      leases.put("e" + i, router.acquire(REQUEST.toBuilder().allowedRegions("e" + i).build()));
    }
    SplittableRandom random = new SplittableRandom(5);
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      time.advance(apart);
      String idle = "e" + random.nextInt(SIZE);
      Lease held = leases.get(idle);
      assertThat(held).isNotNull();
      held.close();
      Lease lease = router.acquire(REQUEST);
      if (lease.endpoint().id().equals(idle)) {
        found++;
      }
      lease.close();
      leases.put(idle, router.acquire(REQUEST.toBuilder().allowedRegions(idle).build()));
    }
    leases.values().forEach(Lease::close);
    assertIdle(router);
    return found;
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void atALowRateEveryDecisionFindsTheOneIdleEndpoint(EndpointSelector selector) {
    assertThat(found(selector, INTERVAL)).isEqualTo(ROUNDS);
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void atAHighRateASampleFindsItSometimes(EndpointSelector selector) {
    // Four of 64 are looked at: 31 ± 5.4 (one standard deviation) of 500.
    assertThat(found(selector, Duration.ZERO)).isBetween(10, 60);
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void inBetweenEveryTenthDecisionLooksAtAll(EndpointSelector selector) {
    // 50 that look at all, and 28 ± 5.1 of the other 450.
    assertThat(found(selector, INTERVAL.dividedBy(10))).isBetween(58, 105);
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void atAHighRateSamplesKeepTheEndpointsEven(EndpointSelector selector) {
    InferenceRouter router = Fleets.router(selector, time, endpoints());
    for (int i = 0; i < 20 * SIZE; i++) {
      router.acquire(REQUEST);
    }

    assertThat(router.snapshot().endpoints()).allMatch(e -> e.inFlight() >= 16);
    assertThat(router.snapshot().endpoints()).allMatch(e -> e.inFlight() <= 24);
  }

  @Test
  void aSelectorOfOnesOwnIsToldTheSame() {
    AtomicInteger looks = new AtomicInteger();
    InferenceRouter router =
        Fleets.router(
            (request, candidates) -> {
              looks.addAndGet(candidates.mayLookAtAll() ? 1 : 0);
              return 0;
            },
            time,
            endpoints());
    for (int i = 0; i < 1_000; i++) {
      router.acquire(REQUEST).close();
    }
    assertThat(looks).as("without any time").hasValue(1);
    for (int i = 0; i < 1_000; i++) {
      time.advance(INTERVAL.dividedBy(8));
      router.acquire(REQUEST).close();
    }
    assertThat(looks).as("in 125 intervals").hasValue(126);
  }
}
