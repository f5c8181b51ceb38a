package io.inferencerouter.core.selection;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.testing.AllSelectors;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every selector must do, whatever its policy is; at sizes that are scanned and at sizes that
 * are sampled.
 */
class SelectorContractTest {
  private static final InferenceRequest REQUEST =
      InferenceRequest.forAnyModel().input(InputUnit.TOKENS, 100).outputLimit(10).build();

  private static final InferenceRequest IN_A_SESSION =
      InferenceRequest.forAnyModel().session("s").input(InputUnit.TOKENS, 100).build();

  record Case(EndpointSelector selector, InferenceRequest request, int size) {
    @Override
    public String toString() {
      String what = request.session().isEmpty() ? "" : " with a session";
      return selector + what + ", " + size + " endpoints";
    }
  }

  /** Every selector at every size, with requests that may go anywhere. */
  static List<Case> cases() {
    return cases(REQUEST, AllSelectors.all());
  }

  /** Those, and requests that belong together. */
  static List<Case> casesAndSessions() {
    List<Case> cases = new ArrayList<>(cases());
    cases.addAll(cases(IN_A_SESSION, List.of(Selectors.sessionHash())));
    return cases;
  }

  /** The selectors that do not leave it to chance whether two requests meet. */
  static List<Case> casesThatSpread() {
    return cases().stream().filter(c -> c.selector() != Selectors.random()).toList();
  }

  private static List<Case> cases(InferenceRequest request, List<EndpointSelector> selectors) {
    List<Case> cases = new ArrayList<>();
    for (EndpointSelector selector : selectors) {
      for (int size : new int[] {1, 2, 3, Sampling.SCAN_LIMIT, Sampling.SCAN_LIMIT + 1, 100}) {
        cases.add(new Case(selector, request, size));
      }
    }
    return cases;
  }

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();

  private static List<Endpoint> endpoints(int size, int slots) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      endpoints.add(
          Endpoint.builder("e" + i, "http://e" + i)
              .maxConcurrency(slots)
              .profile(HardwareProfile.builder(1_000, 10).build())
              .build());
    }
    return endpoints;
  }

  private InferenceRouter router(Case test, int slots) {
    SplittableRandom random = new SplittableRandom(42);
    return InferenceRouters.builder()
        .slowStart(SlowStart.none())
        .endpoints(endpoints(test.size(), slots))
        .selector(test.selector())
        .ticker(time)
        .scheduler(time)
        .random(random::nextLong)
        .executor(Runnable::run)
        .listener(events)
        .build();
  }

  @ParameterizedTest
  @MethodSource("casesAndSessions")
  void everySlotIsFoundBeforeARequestIsShed(Case test) {
    InferenceRouter router = router(test, 2);
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 2 * test.size(); i++) {
      leases.add(router.acquire(test.request()));
    }

    assertThat(router.snapshot().endpoints()).allMatch(e -> e.inFlight() == 2);
    assertThatThrownBy(() -> router.acquire(test.request()))
        .isInstanceOf(OverloadedException.class);
    leases.forEach(Lease::close);
    assertIdle(router);
    assertThat(events.faults).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("casesAndSessions")
  void theOneFreeSlotIsFoundAmongFullEndpoints(Case test) {
    InferenceRouter router = router(test, 1);
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < test.size(); i++) {
      leases.add(router.acquire(test.request()));
    }
    Lease last = leases.get(leases.size() / 2);
    String freed = last.endpoint().id();
    last.close();

    assertThat(router.acquire(test.request()).endpoint().id()).isEqualTo(freed);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalEndpointsGetEqualSharesOfEqualRequests(Case test) {
    InferenceRouter router = router(test, 256);
    Map<String, Integer> shares = new TreeMap<>();
    int rounds = 200;
    for (int i = 0; i < rounds * test.size(); i++) {
      Lease lease = router.acquire(REQUEST);
      shares.merge(lease.endpoint().id(), 1, Integer::sum);
      lease.complete(Outcome.success());
    }

    assertThat(shares).hasSize(test.size());
    // With shares of 200 ± 14 (one standard deviation), five of them bound every endpoint.
    assertThat(shares.values()).allMatch(share -> Math.abs(share - rounds) <= 70);
  }

  @ParameterizedTest
  @MethodSource("casesThatSpread")
  void aSecondRequestGoesElsewhereWhileTheFirstIsThere(Case test) {
    InferenceRouter router = router(test, 256);
    int apart = 0;
    for (int i = 0; i < 100; i++) {
      Lease first = router.acquire(REQUEST);
      Lease second = router.acquire(REQUEST);
      if (!first.endpoint().id().equals(second.endpoint().id())) {
        apart++;
      }
      first.close();
      second.close();
    }

    assertThat(apart).isGreaterThanOrEqualTo(test.size() == 1 ? 0 : 90);
  }

  @ParameterizedTest
  @MethodSource("casesAndSessions")
  void drainedAndEjectedEndpointsGetNothing(Case test) {
    InferenceRouter router = router(test, 256);
    router.eject("e0", Duration.ofHours(1));
    Set<String> used = new HashSet<>();
    for (int i = 0; i < 20 * test.size() && test.size() > 1; i++) {
      Lease lease = router.acquire(test.request());
      used.add(lease.endpoint().id());
      lease.close();
    }

    assertThat(used).doesNotContain("e0");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyEndpointThatIsEligibleIsPickedAndNoOther(Case test) {
    InferenceRouter router = router(test, 256);
    List<Endpoint> endpoints = new ArrayList<>();
    Set<String> eligible = new HashSet<>();
    for (int i = 0; i < 3 * test.size(); i++) {
      Endpoint.Builder endpoint = endpoints(i + 1, 256).get(i).toBuilder();
      endpoints.add(endpoint.region("r" + i % 3).model("m" + i % 2).build());
      if (i % 3 == 1 && i % 2 == 0) {
        eligible.add("e" + i);
      }
    }
    router.updateEndpoints(endpoints);
    InferenceRequest restricted = REQUEST.toBuilder().model("m0").allowedRegions("r1").build();
    Set<String> used = new HashSet<>();
    for (int i = 0; i < 40 * test.size() && !eligible.isEmpty(); i++) {
      Lease lease = router.acquire(restricted);
      used.add(lease.endpoint().id());
      lease.close();
    }

    assertThat(used).isEqualTo(eligible);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aSetOfAnotherSizeIsTakenUpAtOnce(Case test) {
    InferenceRouter router = router(test, 256);
    router.acquire(REQUEST).close();
    router.updateEndpoints(endpoints(test.size() + 1, 256));
    Set<String> used = new HashSet<>();
    for (int i = 0; i < 40 * (test.size() + 1); i++) {
      Lease lease = router.acquire(REQUEST);
      used.add(lease.endpoint().id());
      lease.close();
    }

    assertThat(used).hasSize(test.size() + 1);
  }

  @ParameterizedTest
  @MethodSource("casesAndSessions")
  void anExplanationNamesEveryEndpointAndMovesNothing(Case test) {
    InferenceRouter router = router(test, 256);

    var explanation = router.explain(test.request());

    assertThat(explanation.verdicts()).hasSize(test.size());
    assertThat(explanation.verdicts()).allMatch(v -> v.removedBy().isEmpty());
    assertThat(explanation.verdicts()).allMatch(v -> !v.terms().isEmpty());
    assertThat(explanation.chosen()).isPresent();
    assertIdle(router);
  }
}
