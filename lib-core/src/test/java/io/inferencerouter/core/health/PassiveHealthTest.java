package io.inferencerouter.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.EjectionReason;
import io.inferencerouter.EjectionReason.Cause;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.Traffic;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PassiveHealthTest {
  private static final InferenceRequest ANY = InferenceRequest.anyModel();
  private static final Duration GAP = Duration.ofMillis(20);

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();

  private InferenceRouters.Builder settings() {
    SplittableRandom random = new SplittableRandom(3);
    return InferenceRouters.builder()
        .selector(Selectors.roundRobin())
        .slowStart(SlowStart.none())
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .random(random::nextLong)
        .listener(events);
  }

  private static Endpoint endpoint(String id) {
    return Endpoint.of(id, "http://" + id);
  }

  private InferenceRouter router(String... ids) {
    return settings()
        .endpoints(List.of(ids).stream().map(PassiveHealthTest::endpoint).toList())
        .build();
  }

  private Traffic traffic(InferenceRouter router) {
    return new Traffic(router, time, ANY);
  }

  private static Lifecycle lifecycle(InferenceRouter router, String id) {
    return router.snapshot().endpoint(id).orElseThrow().lifecycle();
  }

  @Test
  void fiveFailuresInARowEjectAnEndpointForTenSeconds() {
    InferenceRouter router = router("a", "b", "c");
    traffic(router).send(12, GAP, Outcome.serverFault(), "a");
    assertThat(events.ejected).isEmpty();
    traffic(router).send(3, GAP, Outcome.serverFault(), "a");

    assertThat(events.ejected).hasSize(1);
    EndpointEjected event = events.ejected.get(0);
    assertThat(event.endpoint().id()).isEqualTo("a");
    assertThat(event.reason().cause()).isEqualTo(Cause.CONSECUTIVE_FAILURES);
    assertThat(event.reason().observed()).isEqualTo(5);
    assertThat(event.reason().limit()).isEqualTo(5);
    assertThat(event.duration()).isEqualTo(Duration.ofSeconds(10));
    assertThat(event.ejected()).isEqualTo(1);
    assertThat(event.members()).isEqualTo(3);
    assertThat(event)
        .hasToString(
            "EndpointEjected[a: for PT10S, failures in a row: 5 (limit 5), 1 of 3 ejected]");
    assertThat(traffic(router).send(60, GAP, Outcome.serverFault(), "a")).doesNotContainKey("a");

    time.advance(Duration.ofSeconds(9));
    assertThat(lifecycle(router, "a")).isEqualTo(Lifecycle.WARMING);
    assertThat(events.returned).hasSize(1);
    assertThat(events.returned.get(0).away()).isEqualTo(Duration.ofSeconds(10));
    assertThat(traffic(router).send(60, GAP, Outcome.success())).containsEntry("a", 20);
  }

  @Test
  void aSuccessEndsARowOfFailures() {
    InferenceRouter router =
        settings()
            .health(HealthPolicy.builder().failureRateMargin(1).breakerFailureRate(1).build())
            .endpoints(List.of(endpoint("a"), endpoint("b")))
            .build();
    AtomicInteger asked = new AtomicInteger();
    traffic(router)
        .send(
            60,
            GAP,
            id ->
                id.equals("a") && asked.incrementAndGet() % 5 != 0
                    ? Outcome.timeout()
                    : Outcome.success());

    assertThat(events.ejected).isEmpty();
  }

  @Test
  void eachEjectionIsTwiceAsLongAsTheOneBeforeUpToTheLimitAndCalmIsForgiving() {
    InferenceRouter router = router("a", "b", "c");
    for (int i = 0; i < 7; i++) {
      traffic(router).send(18, GAP, Outcome.serverFault(), "a");
      assertThat(events.ejected).hasSize(i + 1);
      time.advance(events.ejected.get(i).duration());
    }
    assertThat(events.ejected.stream().map(e -> e.duration().toSeconds()))
        .containsExactly(10L, 20L, 40L, 80L, 160L, 300L, 300L);

    traffic(router).send(2_000, Duration.ofSeconds(2), Outcome.success());
    traffic(router).send(18, GAP, Outcome.serverFault(), "a");

    assertThat(events.ejected.get(7).duration()).isEqualTo(Duration.ofSeconds(10));
  }

  private Duration ejectedAgainAfter(Runnable meanwhile, InferenceRouter router) {
    for (int i = 0; i < 2; i++) {
      traffic(router).send(18, GAP, Outcome.serverFault(), "a");
      time.advance(Duration.ofSeconds(20));
    }
    assertThat(events.ejected).hasSize(2);
    meanwhile.run();
    traffic(router).send(21, GAP, Outcome.serverFault(), "a");
    assertThat(events.ejected).hasSize(3);
    return events.ejected.get(2).duration();
  }

  @Test
  void anEndpointThatIsNotAskedHasNotBeenWell() {
    InferenceRouter router = router("a", "b", "c");

    assertThat(
            ejectedAgainAfter(
                () -> {
                  for (int i = 0; i < 400; i++) { // a gets requests, and answers none
                    traffic(router).send(1, Duration.ofSeconds(1), id -> Outcome.cancelled());
                  }
                },
                router))
        .isEqualTo(Duration.ofSeconds(40));
  }

  @Test
  void failuresBeginTheCalmAnew() {
    InferenceRouter router = router("a", "b", "c");
    AtomicInteger asked = new AtomicInteger();

    assertThat(
            ejectedAgainAfter(
                () ->
                    traffic(router)
                        .send(
                            400,
                            Duration.ofSeconds(1),
                            id ->
                                id.equals("a") && asked.incrementAndGet() % 5 == 0
                                    ? Outcome.serverFault()
                                    : Outcome.success()),
                router))
        .isEqualTo(Duration.ofSeconds(40));
  }

  @Test
  void afterItsReturnAnEndpointIsOnTrialAndFewFailuresAreEnough() {
    InferenceRouter router = router("a", "b", "c");
    traffic(router).send(15, GAP, Outcome.serverFault(), "a");
    time.advance(Duration.ofSeconds(10));
    AtomicInteger asked = new AtomicInteger();

    traffic(router)
        .send(
            3 * 60,
            GAP,
            id ->
                id.equals("a") && asked.incrementAndGet() % 3 != 0
                    ? Outcome.serverFault()
                    : Outcome.success());

    assertThat(events.ejected).hasSizeGreaterThan(1);
    assertThat(events.ejected.get(1).reason().cause()).isEqualTo(Cause.BREAKER_OPEN);
    assertThat(events.ejected.get(1).duration()).isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void theBreakerOpensWhenHalfOfTheRequestsFailWithoutARow() {
    InferenceRouter router =
        settings()
            .health(HealthPolicy.builder().failureRateMargin(1).build())
            .endpoints(List.of(endpoint("a"), endpoint("b")))
            .build();
    AtomicInteger asked = new AtomicInteger();
    traffic(router)
        .send(
            200,
            GAP,
            id ->
                id.equals("a") && asked.incrementAndGet() % 2 == 0
                    ? Outcome.serverFault()
                    : Outcome.success());

    assertThat(events.ejected.get(0).reason().cause()).isEqualTo(Cause.BREAKER_OPEN);
    assertThat(events.ejected.get(0).reason().observed()).isBetween(0.5, 0.6);
  }

  @Test
  void anEndpointThatFailsMoreOftenThanTheOthersIsEjected() {
    InferenceRouter router = router("a", "b", "c", "d");
    AtomicInteger asked = new AtomicInteger();
    traffic(router)
        .send(
            400,
            GAP,
            id ->
                id.equals("a") && asked.incrementAndGet() % 5 < 2
                    ? Outcome.serverFault()
                    : Outcome.success());

    assertThat(events.ejected).isNotEmpty();
    assertThat(events.ejected.get(0).endpoint().id()).isEqualTo("a");
    assertThat(events.ejected.get(0).reason().cause()).isEqualTo(Cause.FAILURE_RATE);
    assertThat(events.ejected.get(0).reason().observed()).isBetween(0.3, 0.5);
  }

  @Test
  void anEndpointThatFailsAsOftenAsTheOthersIsNotEjected() {
    InferenceRouter router = router("a", "b", "c", "d");
    Map<String, Integer> asked = new HashMap<>();
    traffic(router)
        .send(
            2_000,
            GAP,
            id ->
                asked.merge(id, 1, Integer::sum) % 5 < 2
                    ? Outcome.serverFault()
                    : Outcome.success());

    assertThat(events.ejected).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"CANCELLED", "REJECTED"})
  void cancelsAndRejectedRequestsAreNobodysFailure(Outcome.Kind kind) {
    InferenceRouter router = router("a", "b");
    Outcome outcome = kind == Outcome.Kind.CANCELLED ? Outcome.cancelled() : Outcome.rejected();

    assertThat(traffic(router).send(1_000, GAP, outcome, "a")).containsEntry("a", 500);
    assertThat(events.ejected).isEmpty();
    assertThat(events.withheld).isEmpty();
  }

  @Test
  void whenAllFailHalfOfThemStayAndTheRestIsTold() {
    InferenceRouter router = router("a", "b", "c", "d");
    Map<String, Integer> got =
        traffic(router).send(40, GAP, Outcome.serverFault(), "a", "b", "c", "d");

    assertThat(got).doesNotContainKey("shed");
    assertThat(events.ejected).hasSize(2);
    assertThat(events.withheld).hasSize(2);
    assertThat(events.withheld.get(0).usable()).isEqualTo(2);
    assertThat(events.withheld.get(0).members()).isEqualTo(4);
    assertThat(router.snapshot().endpoints().stream().filter(e -> e.lifecycle().isRoutable()))
        .hasSize(2);
  }

  @Test
  void noMoreThanTheGivenShareIsEjectedThoughMoreCouldBeSpared() {
    InferenceRouter router = router(0.2, 0);
    traffic(router).send(100, GAP, Outcome.serverFault(), "a", "b", "c");

    assertThat(events.ejected).hasSize(1);
    assertThat(events.withheld).hasSize(2);
  }

  @Test
  void asManyAsThePanicThresholdAsksForStayThoughMoreMightBeEjected() {
    InferenceRouter router = router(1, 0.8);
    traffic(router).send(100, GAP, Outcome.serverFault(), "a", "b", "c");

    assertThat(events.ejected).hasSize(1);
    assertThat(events.withheld).hasSize(2);
  }

  private InferenceRouter router(double maxEjectedShare, double panicThreshold) {
    return settings()
        .health(
            HealthPolicy.builder()
                .maxEjectedShare(maxEjectedShare)
                .panicThreshold(panicThreshold)
                .build())
        .endpoints(
            List.of(endpoint("a"), endpoint("b"), endpoint("c"), endpoint("d"), endpoint("e")))
        .build();
  }

  @Test
  void whenAllFailAllAreTriedInTurnAndTheFirstThatRecoversIsFoundSoon() {
    InferenceRouter router = router("a", "b", "c", "d");
    Map<String, Integer> got =
        traffic(router)
            .send(6_000, Duration.ofMillis(100), Outcome.serverFault(), "a", "b", "c", "d");

    assertThat(got).containsOnlyKeys("a", "b", "c", "d");
    assertThat(got.values()).allSatisfy(count -> assertThat(count).isGreaterThan(600));

    for (String recovered : List.of("a", "b", "c", "d")) {
      int tried = 0;
      boolean found = false;
      while (!found && tried++ < 2_000) {
        found =
            traffic(router)
                .send(
                    1,
                    Duration.ofMillis(100),
                    id -> id.equals(recovered) ? Outcome.success() : Outcome.serverFault())
                .containsKey(recovered);
      }
      assertThat(tried).as(recovered).isLessThan(300); // half a minute
    }
  }

  @Test
  void theLastEndpointsOfAModelStayThoughOthersServeOtherModels() {
    List<Endpoint> endpoints = new ArrayList<>();
    endpoints.add(Endpoint.builder("rare", "http://rare").model("rare").build());
    for (int i = 0; i < 6; i++) {
      endpoints.add(Endpoint.builder("e" + i, "http://e" + i).model("common").build());
    }
    InferenceRouter router = settings().endpoints(endpoints).build();
    Traffic rare = new Traffic(router, time, InferenceRequest.forModel("rare").build());

    Map<String, Integer> got = rare.send(50, GAP, Outcome.serverFault(), "rare");

    assertThat(got).containsExactly(Map.entry("rare", 50));
    assertThat(events.withheld).hasSize(1);
    assertThat(events.withheld.get(0).model()).isEqualTo("rare");
    assertThat(lifecycle(router, "rare")).isEqualTo(Lifecycle.WARMING);
  }

  @Test
  void whatSomebodyElseHasEjectedCountsForThePanicThreshold() {
    InferenceRouter router = router("a", "b", "c", "d");
    router.eject("a", Duration.ofHours(1));
    router.eject("b", Duration.ofHours(1));
    traffic(router).send(40, GAP, Outcome.serverFault(), "c", "d");

    assertThat(events.withheld).hasSize(2);
    assertThat(lifecycle(router, "c").isRoutable()).isTrue();
    assertThat(lifecycle(router, "d").isRoutable()).isTrue();
    assertThat(lifecycle(router, "a")).isEqualTo(Lifecycle.EJECTED); // it was asked for
  }

  private static final HardwareProfile PROFILE = HardwareProfile.builder(1_000, 100).build();

  private InferenceRouter gpus(String... ids) {
    return settings()
        .health(HealthPolicy.builder().minimumRequests(10).build())
        .endpoints(
            List.of(ids).stream()
                .map(id -> Endpoint.builder(id, "http://" + id).profile(PROFILE).build())
                .toList())
        .build();
  }

  /** Sends one request after the other to each endpoint, of a size and slowness of its own. */
  private void serve(
      InferenceRouter router,
      int rounds,
      Map<String, Integer> sizes,
      Map<String, Double> slowness) {
    for (int i = 0; i < rounds * sizes.size(); i++) {
      // Round robin says who is next; the size follows from that.
      String next = router.explain(ANY).chosen().orElseThrow().id();
      int size = sizes.getOrDefault(next, 100);
      InferenceRequest request =
          InferenceRequest.forAnyModel().input(InputUnit.TOKENS, size).outputLimit(0).build();
      Lease lease = router.acquire(request);
      String id = lease.endpoint().id();
      time.advance(
          Duration.ofNanos((long) (size / 1_000.0 * slowness.getOrDefault(id, 1.0) * 1e9)));
      lease.complete(Outcome.success());
    }
  }

  @Test
  void anEndpointThatTurnsSlowIsEjectedButNotOneThatGetsTheLongPrompts() {
    InferenceRouter router = gpus("a", "b", "long", "slow");
    Map<String, Integer> sizes =
        new TreeMap<>(Map.of("a", 100, "b", 100, "long", 1_000, "slow", 100));
    serve(router, 300, sizes, Map.of());
    assertThat(events.ejected).isEmpty();

    serve(router, 60, sizes, Map.of("slow", 12.0));

    assertThat(events.ejected).hasSize(1);
    EndpointEjected event = events.ejected.get(0);
    assertThat(event.endpoint().id()).isEqualTo("slow");
    assertThat(event.reason().cause()).isEqualTo(Cause.LATENCY);
    assertThat(event.reason().observed()).isGreaterThan(event.reason().limit());
    assertThat(event.reason().limit()).isBetween(3.0, 4.0);
  }

  @Test
  void whenAllTurnSlowNobodyIsEjected() {
    InferenceRouter router = gpus("a", "b", "c", "d");
    Map<String, Integer> sizes = Map.of("a", 100, "b", 100, "c", 100, "d", 100);
    serve(router, 300, sizes, Map.of());

    serve(router, 60, sizes, Map.of("a", 12.0, "b", 12.0, "c", 12.0, "d", 12.0));

    assertThat(events.ejected).isEmpty();
  }

  @Test
  void aRateLimitKeepsRequestsAwayForAsLongAsItSaysAndIsNoFailure() {
    InferenceRouter router = router("a", "b");
    Lease first = router.acquire(ANY);
    String id = first.endpoint().id();
    first.complete(Outcome.rateLimited(Duration.ofSeconds(7)));

    assertThat(events.ejected).hasSize(1);
    assertThat(events.ejected.get(0).reason().cause()).isEqualTo(Cause.RATE_LIMITED);
    assertThat(events.ejected.get(0).duration()).isEqualTo(Duration.ofSeconds(7));
    assertThat(traffic(router).send(340, GAP, Outcome.success())).doesNotContainKey(id);
    time.advance(Duration.ofMillis(200));
    assertThat(traffic(router).send(2, GAP, Outcome.success())).containsKey(id);
    assertThat(router.snapshot().endpoint(id).orElseThrow().errorLevel()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRateLimitIsNeverShortened(boolean longerFirst) {
    InferenceRouter router = router("a", "b");
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Lease lease = router.acquire(ANY);
      if (lease.endpoint().id().equals("a")) {
        leases.add(lease);
      } else {
        lease.close();
      }
    }
    leases.get(0).complete(Outcome.rateLimited(Duration.ofSeconds(longerFirst ? 30 : 2)));
    leases.get(1).complete(Outcome.rateLimited(Duration.ofSeconds(longerFirst ? 2 : 30)));
    leases.get(2).complete(Outcome.rateLimited());

    time.advance(Duration.ofMillis(29_900));
    assertThat(lifecycle(router, "a")).isEqualTo(Lifecycle.EJECTED);
    time.advance(Duration.ofMillis(200));
    assertThat(lifecycle(router, "a").isRoutable()).isTrue();
  }

  @Test
  void aRateLimitWithoutATimeIsAnsweredByGrowingWaitsOnePerBurst() {
    InferenceRouter router = router("a", "b");
    for (int i = 0; i < 4; i++) {
      List<Lease> burst = new ArrayList<>();
      for (int j = 0; j < 20; j++) {
        burst.add(router.acquire(ANY));
      }
      burst.forEach(
          lease ->
              lease.complete(
                  lease.endpoint().id().equals("a") ? Outcome.rateLimited() : Outcome.success()));
      assertThat(events.ejected).hasSize(i + 1);
      time.advance(events.ejected.get(i).duration());
    }

    assertThat(events.ejected.stream().map(e -> e.duration().toSeconds()))
        .containsExactly(1L, 2L, 4L, 8L);
    time.advance(Duration.ofMinutes(5));
    traffic(router).send(2, GAP, Outcome.rateLimited(), "a");
    assertThat(events.ejected.get(4).duration()).isEqualTo(Duration.ofSeconds(1));
  }

  private List<Lease> underWayOn(InferenceRouter router, String id, int count) {
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 100 && leases.size() < count; i++) {
      Lease lease = router.acquire(ANY);
      if (lease.endpoint().id().equals(id)) {
        leases.add(lease);
      } else {
        lease.close();
      }
    }
    return leases;
  }

  @Test
  void waitsThatAreAskedForDoNotLengthenThoseOfOurOwnMaking() {
    InferenceRouter router = router("a", "b");
    for (Lease lease : underWayOn(router, "a", 16)) {
      lease.complete(Outcome.rateLimited(Duration.ofSeconds(1)));
      time.advance(Duration.ofMillis(200));
    }
    time.advance(Duration.ofMillis(800));
    assertThat(lifecycle(router, "a").isRoutable()).isTrue();
    events.ejected.clear();

    traffic(router).send(2, GAP, Outcome.rateLimited(), "a");

    assertThat(events.ejected).hasSize(1);
    assertThat(events.ejected.get(0).duration()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aBurstOfRateLimitsIsOneEjectionUnlessALaterOneAsksForMuchMore() {
    InferenceRouter router = router("a", "b");
    List<Lease> leases = underWayOn(router, "a", 16);
    for (Lease lease : leases.subList(0, 14)) {
      lease.complete(Outcome.rateLimited(Duration.ofSeconds(1)));
      time.advance(Duration.ofMillis(5));
    }
    assertThat(events.ejected).hasSize(1);
    assertThat(time.pending()).isEqualTo(1);

    leases.get(14).complete(Outcome.rateLimited(Duration.ofSeconds(2)));
    assertThat(events.ejected).hasSize(2);
    time.advance(Duration.ofMillis(1_950));
    assertThat(lifecycle(router, "a")).isEqualTo(Lifecycle.EJECTED);
  }

  @Test
  void reasonsAreEqualIfTheySayTheSame() {
    EjectionReason reason = EjectionReason.of(Cause.RATE_LIMITED, 1, 2);

    assertThat(reason)
        .isEqualTo(EjectionReason.of(Cause.RATE_LIMITED, 1, 2))
        .hasSameHashCodeAs(EjectionReason.of(Cause.RATE_LIMITED, 1, 2))
        .isNotEqualTo(EjectionReason.of(Cause.LATENCY, 1, 2))
        .isNotEqualTo(EjectionReason.of(Cause.RATE_LIMITED, 3, 2))
        .isNotEqualTo(EjectionReason.of(Cause.RATE_LIMITED, 1, 3));
  }

  @Test
  void withoutATimeTheLastEndpointIsNotLeftAloneForItsQuota() {
    InferenceRouter router = router("a");

    assertThat(traffic(router).send(50, GAP, Outcome.rateLimited(), "a")).containsEntry("a", 50);
  }

  @Test
  void whenAllWaitForTheirQuotaARequestIsShedUntilTheFirstIsBack() {
    InferenceRouter router = router("a", "b");
    router.acquire(ANY).complete(Outcome.rateLimited(Duration.ofSeconds(20)));
    router.acquire(ANY).complete(Outcome.rateLimited(Duration.ofSeconds(5)));
    time.advance(Duration.ofSeconds(1));

    assertThatThrownBy(() -> router.acquire(ANY))
        .isInstanceOfSatisfying(
            OverloadedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(OverloadedException.Reason.QUOTA);
              assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(4));
            })
        .hasMessageContaining("rate limited, seconds: 20.000");
    time.advance(Duration.ofSeconds(4));
    router.acquire(ANY).close();
  }

  @Test
  void aRefusalNamesTheStateOfEachEndpoint() {
    InferenceRouter router = router("a", "b", "c");
    traffic(router).send(15, GAP, Outcome.serverFault(), "a");
    router.eject("b", Duration.ofSeconds(30));
    router.eject("c", Duration.ofSeconds(40));

    assertThatThrownBy(() -> router.acquire(ANY))
        .isInstanceOf(NoEndpointException.class)
        .hasMessageMatching(
            ".*a EJECTED for PT10S \\(failures in a row: 5 \\(limit 5\\)\\),"
                + " b EJECTED for PT30S \\(requested\\), c EJECTED for PT40S \\(requested\\).*");
  }

  @Test
  void whatWasUnderWayWhenAnEndpointWasEjectedDoesNotCountAgainstItsReturn() {
    InferenceRouter router = router("a", "b");
    List<Lease> underWay = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      underWay.add(router.acquire(ANY));
    }
    underWay.forEach(
        lease ->
            lease.complete(
                lease.endpoint().id().equals("a") ? Outcome.serverFault() : Outcome.success()));
    assertThat(events.ejected).hasSize(1);
    time.advance(Duration.ofSeconds(10));

    traffic(router).send(200, GAP, Outcome.success());

    assertThat(events.ejected).hasSize(1);
    assertThat(lifecycle(router, "a")).isEqualTo(Lifecycle.ACTIVE);
  }

  @Test
  void whatWasAskedBeforeAnEjectionSaysNothingAfterTheReturn() {
    InferenceRouter router = router("a", "b", "c");
    List<Lease> stale = underWayOn(router, "a", 20);
    time.advance(Duration.ofMillis(1));
    traffic(router).send(15, GAP, Outcome.serverFault(), "a");
    assertThat(events.ejected).hasSize(1);
    time.advance(Duration.ofSeconds(10));
    assertThat(lifecycle(router, "a")).isEqualTo(Lifecycle.WARMING);

    stale.get(0).complete(Outcome.success());
    assertThat(lifecycle(router, "a")).isEqualTo(Lifecycle.WARMING);
    stale.forEach(lease -> lease.complete(Outcome.timeout()));
    assertThat(router.snapshot().endpoint("a").orElseThrow().errorLevel()).isZero();
    traffic(router).send(200, GAP, Outcome.success());

    assertThat(events.ejected).hasSize(1);
    traffic(router).send(15, GAP, Outcome.serverFault(), "a");
    assertThat(events.ejected).hasSize(2);
  }

  @Test
  void whatFailsWhileAnEndpointIsAwayDoesNotCountAgainstItsReturn() {
    InferenceRouter router = router("a", "b");
    List<Lease> stale = underWayOn(router, "a", 20);
    router.eject("a", Duration.ofSeconds(10));
    time.advance(Duration.ofMillis(9_900));
    stale.forEach(lease -> lease.complete(Outcome.timeout()));
    time.advance(Duration.ofMillis(100));

    traffic(router).send(200, GAP, Outcome.success());

    assertThat(events.ejected).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  void whatFailedBeforeSomebodyTookTheEndpointOutDoesNotCountAgainstItsReturn(int before) {
    InferenceRouter router = router("a", "b", "c", "d");
    traffic(router).send(before, GAP, Outcome.success());
    List<Lease> leases = underWayOn(router, "a", 20);
    for (int i = 0; i < 20; i++) {
      leases.get(i).complete(i % 5 == 4 ? Outcome.success() : Outcome.serverFault());
    }
    router.eject("a", Duration.ofSeconds(2));
    time.advance(Duration.ofSeconds(2));
    assertThat(lifecycle(router, "a").isRoutable()).isTrue();

    traffic(router).send(400, GAP, Outcome.success());

    assertThat(events.ejected).hasSize(1);
  }

  @Test
  void aRateLimitOfABurstThatIsReportedAfterTheReturnDoesNotSendTheEndpointAwayAgain() {
    InferenceRouter router = router("a", "b");
    List<Lease> burst = underWayOn(router, "a", 3);
    time.advance(Duration.ofMillis(10));
    burst.get(0).complete(Outcome.rateLimited());
    time.advance(Duration.ofSeconds(1));
    assertThat(lifecycle(router, "a").isRoutable()).isTrue();

    burst.get(1).complete(Outcome.rateLimited());

    assertThat(lifecycle(router, "a").isRoutable()).isTrue();
    assertThat(events.ejected).hasSize(1);
    burst.get(2).complete(Outcome.rateLimited(Duration.ofSeconds(3)));
    assertThat(lifecycle(router, "a")).as("whoever names a time").isEqualTo(Lifecycle.EJECTED);
    time.advance(Duration.ofSeconds(3));
    underWayOn(router, "a", 1).get(0).complete(Outcome.rateLimited());
    assertThat(events.ejected).as("one of a later request").hasSize(3);
  }

  @Test
  void aRateLimitFromBeforeAnEjectionSaysNothingAfterTheReturn() {
    InferenceRouter router = router("a", "b");
    List<Lease> burst = underWayOn(router, "a", 1);
    time.advance(Duration.ofMillis(10));
    router.eject("a", Duration.ofSeconds(2));
    time.advance(Duration.ofSeconds(2));

    burst.get(0).complete(Outcome.rateLimited());

    assertThat(lifecycle(router, "a").isRoutable()).isTrue();
  }

  @Test
  void withoutAPolicyNobodyIsEjected() {
    InferenceRouter router =
        settings()
            .health(HealthPolicy.none())
            .endpoints(List.of(endpoint("a"), endpoint("b")))
            .build();
    traffic(router).send(100, GAP, Outcome.serverFault(), "a");
    traffic(router).send(100, GAP, Outcome.rateLimited(Duration.ofSeconds(5)), "a");

    assertThat(events.ejected).isEmpty();
    assertThat(events.withheld).isEmpty();
  }
}
