package io.inferencerouter.core.selection;

import static io.inferencerouter.core.testing.Fleets.equal;
import static io.inferencerouter.core.testing.Fleets.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionHashSelectorTest {
  private static final int SESSIONS = 20_000;

  private final VirtualTime time = new VirtualTime();

  private InferenceRouter router(List<Endpoint> endpoints) {
    return Fleets.router(Selectors.sessionHash(), time, endpoints);
  }

  private static InferenceRequest of(String session) {
    return InferenceRequest.forAnyModel().session(session).build();
  }

  private static String home(InferenceRouter router, String session) {
    try (Lease lease = router.acquire(of(session))) {
      return lease.endpoint().id();
    }
  }

  private static Map<String, String> homes(InferenceRouter router, int sessions) {
    Map<String, String> homes = new HashMap<>();
    for (int i = 0; i < sessions; i++) {
      homes.put("session-" + i, home(router, "session-" + i));
    }
    return homes;
  }

  private static Map<String, Integer> shares(Map<String, String> homes) {
    Map<String, Integer> shares = new HashMap<>();
    homes.values().forEach(id -> shares.merge(id, 1, Integer::sum));
    return shares;
  }

  @Test
  void aSessionStaysWhereItIs() {
    InferenceRouter router = router(equal(20));
    String home = home(router, "s");
    for (int i = 0; i < 100; i++) {
      assertThat(home(router, "s")).isEqualTo(home);
    }
  }

  @Test
  void allRoutersAgreeWhateverTheOrderOfTheirEndpoints() {
    List<Endpoint> reversed = new ArrayList<>();
    equal(20).forEach(endpoint -> reversed.add(0, endpoint));

    assertThat(homes(router(reversed), 500)).isEqualTo(homes(router(equal(20)), 500));
  }

  @Test
  void sessionsAreSharedByWeight() {
    double[] weights = {1, 2, 3, 4, 10};
    Map<String, Integer> shares = shares(homes(router(weighted(weights)), SESSIONS));

    double chiSquare = 0;
    for (int i = 0; i < weights.length; i++) {
      double expected = SESSIONS * weights[i] / 20;
      double difference = shares.get("e" + i) - expected;
      chiSquare += difference * difference / expected;
    }
    assertThat(chiSquare).isLessThan(18.5); // 4 degrees of freedom, p = 0.001
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10, 100})
  void anEndpointThatLeavesMovesOnlyItsOwnSessions(int size) {
    InferenceRouter router = router(equal(size));
    Map<String, String> before = homes(router, SESSIONS);
    router.updateEndpoints(equal(size).subList(1, size));
    Map<String, String> after = homes(router, SESSIONS);

    before.forEach(
        (session, home) -> {
          if (home.equals("e0")) {
            assertThat(after.get(session)).isNotEqualTo("e0");
          } else {
            assertThat(after.get(session)).isEqualTo(home);
          }
        });
    Set<String> heirs = new HashSet<>();
    before.forEach((session, home) -> heirs.add(home.equals("e0") ? after.get(session) : home));
    assertThat(heirs).hasSize(size - 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10, 100})
  void anEndpointThatJoinsTakesItsShareAndMovesNobodyElse(int size) {
    InferenceRouter router = router(equal(size));
    Map<String, String> before = homes(router, SESSIONS);
    router.updateEndpoints(equal(size + 1));
    Map<String, String> after = homes(router, SESSIONS);

    int moved = 0;
    for (Map.Entry<String, String> entry : after.entrySet()) {
      if (!entry.getValue().equals(before.get(entry.getKey()))) {
        assertThat(entry.getValue()).isEqualTo("e" + size);
        moved++;
      }
    }
    double expected = SESSIONS / (size + 1.0);
    assertThat((double) moved).isCloseTo(expected, within(5 * Math.sqrt(expected)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5, 2})
  void aHotSessionFillsNoEndpointBeyondItsBound(double excess) {
    double[] weights = {1, 1, 1, 1, 2, 2, 4, 4};
    InferenceRouter router = Fleets.router(Selectors.sessionHash(excess), time, weighted(weights));
    for (int total = 1; total <= 400; total++) {
      router.acquire(of("hot"));
      if (total % 40 == 0) {
        for (int i = 0; i < weights.length; i++) {
          double share = (1 + excess) * total * weights[i] / 16;
          int inFlight = router.snapshot().endpoint("e" + i).orElseThrow().inFlight();
          assertThat(inFlight - 1.0).isLessThan(share + 1e-9);
        }
      }
    }
    assertThat(router.snapshot().inFlight()).isEqualTo(400);
  }

  @Test
  void inALargeSetTheBoundIsMetOnAverage() {
    InferenceRouter router = router(equal(200));
    for (int i = 0; i < 100; i++) {
      router.acquire(of("hot"));
    }
    for (int i = 0; i < 1_900; i++) {
      router.acquire(of("session-" + i));
    }

    // The fair share is 10, half more is 15; of chance alone there would be about ten above 17.
    assertThat(router.snapshot().endpoints())
        .extracting(e -> e.inFlight())
        .allSatisfy(inFlight -> assertThat(inFlight).isLessThanOrEqualTo(18))
        .satisfies(
            all -> assertThat(all.stream().filter(n -> n > 16).count()).isLessThanOrEqualTo(4));
  }

  @Test
  void theBoundUsesUpTheHomeBeforeTheNextInOrder() {
    InferenceRouter router = router(equal(4));
    String home = home(router, "hot");
    Map<String, Integer> shares = new HashMap<>();
    for (int i = 0; i < 400; i++) {
      shares.merge(router.acquire(of("hot")).endpoint().id(), 1, Integer::sum);
    }

    // Half more than the fair share on the first two, the rest on the third.
    assertThat(shares.get(home)).isBetween(149, 150);
    assertThat(shares.values()).containsExactlyInAnyOrder(150, 150, 100);
  }

  @Test
  void aSessionLeavesAFullHomeForAlwaysTheSameOtherAndReturns() {
    List<Endpoint> endpoints = new ArrayList<>();
    equal(10).forEach(e -> endpoints.add(e.toBuilder().maxConcurrency(1).build()));
    InferenceRouter router = router(endpoints);
    Lease blocking = router.acquire(of("s"));
    String home = blocking.endpoint().id();
    String other = home(router, "s");
    for (int i = 0; i < 20; i++) {
      assertThat(home(router, "s")).isEqualTo(other).isNotEqualTo(home);
    }
    blocking.close();

    assertThat(home(router, "s")).isEqualTo(home);
  }

  @Test
  void aSessionLeavesAnEjectedHomeAndReturns() {
    InferenceRouter router = router(equal(10));
    String home = home(router, "s");
    router.eject(home, Duration.ofMinutes(1));
    String other = home(router, "s");
    assertThat(home(router, "s")).isEqualTo(other).isNotEqualTo(home);
    time.advance(Duration.ofMinutes(1));

    assertThat(home(router, "s")).isEqualTo(home);
  }

  @Test
  void aSessionLeavesAFailingHomeAndTriesItAgain() {
    InferenceRouter router = router(equal(10));
    String home = home(router, "s");
    int failures = 0;
    for (int i = 0; i < 100; i++) {
      Lease lease = router.acquire(of("s"));
      boolean atHome = lease.endpoint().id().equals(home);
      failures += atHome ? 1 : 0;
      lease.complete(atHome ? Outcome.serverFault() : Outcome.success());
      time.advance(Duration.ofMillis(100));
    }
    assertThat(failures).isBetween(2, 6);

    time.advance(Duration.ofMinutes(1));
    assertThat(home(router, "s")).isEqualTo(home);
  }

  @Test
  void aSessionIsServedWhenEverythingFails() {
    InferenceRouter router = router(equal(3));
    for (int i = 0; i < 60; i++) {
      router.acquire(of("s" + i)).complete(Outcome.serverFault());
    }

    assertThat(home(router, "s")).isEqualTo(home(router(equal(3)), "s"));
  }

  @Test
  void requestsWithoutASessionGoWhereThereIsLeastToDo() {
    InferenceRouter router = router(equal(4));
    for (int i = 0; i < 40; i++) {
      router.acquire(InferenceRequest.anyModel());
    }

    assertThat(router.snapshot().endpoints()).allMatch(e -> e.inFlight() == 10);
  }

  @Test
  void anExplanationSaysWhySomeoneIsPassedOver() {
    InferenceRouter router = router(equal(10));
    String home = router.acquire(of("s")).endpoint().id();
    router.acquire(of("s"));
    router.acquire(of("s"));

    var explanation = router.explain(of("s"));

    assertThat(explanation.verdicts())
        .allSatisfy(
            v -> {
              assertThat(v.terms()).containsOnlyKeys("distance", "overload", "failures");
              boolean passedOver = v.terms().get("overload") > 0;
              if (v.endpoint().id().equals(home)) {
                assertThat(passedOver).isTrue();
              }
              if (explanation.chosen().orElseThrow().equals(v.endpoint())) {
                assertThat(passedOver).isFalse();
                assertThat(explanation.verdicts())
                    .allSatisfy(other -> assertThat(other.score() >= v.score()).isTrue());
              }
            });
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 0.001, 1e6, Double.NaN})
  void anExcessOutOfRangeIsRefused(double excess) {
    assertThatThrownBy(() -> Selectors.sessionHash(excess))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("excess: " + excess + " (expected: 0.01 to 1000.0)");
  }
}
