package io.inferencerouter.core.selection;

import static io.inferencerouter.core.selection.FailingFast.SINKHOLE;
import static io.inferencerouter.core.testing.Fleets.equal;
import static io.inferencerouter.core.testing.Fleets.gpu;
import static io.inferencerouter.core.testing.Fleets.tokens;
import static io.inferencerouter.core.testing.Fleets.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.EndpointSelector;
import io.inferencerouter.Explanation.Verdict;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LowestScoreSelectorTest {
  private final VirtualTime time = new VirtualTime();

  static Stream<EndpointSelector> selectors() {
    return Stream.of(
        Selectors.leastOutstandingWork(),
        Selectors.leastOutstandingRequests(),
        Selectors.peakEwma());
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void anEndpointThatFailsFastDoesNotWin(EndpointSelector selector) {
    InferenceRouter router =
        Fleets.router(
            selector, time, List.of(gpu(SINKHOLE, 1_000), gpu("a", 1_000), gpu("b", 1_000)));

    assertThat(FailingFast.failures(router, time, 20, Duration.ofMillis(50))).isBetween(1, 60);
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void anEndpointThatRecoversGetsItsTrafficBack(EndpointSelector selector) {
    InferenceRouter router = Fleets.router(selector, time, equal(2));
    List<Lease> outage = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      outage.add(router.acquire(tokens(100)));
    }
    outage.forEach(
        lease ->
            lease.complete(
                lease.endpoint().id().equals("e0") ? Outcome.serverFault() : Outcome.success()));
    int requests = 0;
    int back = 0;
    for (; requests < 10_000 && back < 100; requests++) {
      Lease lease = router.acquire(tokens(100));
      back += lease.endpoint().id().equals("e0") ? 1 : 0;
      time.advance(Duration.ofMillis(100)); // as predicted
      lease.complete(Outcome.success());
    }

    assertThat(requests).isBetween(150, 9_999);
  }

  @Test
  void workIsSharedBySecondsNotByRequests() {
    InferenceRouter router =
        Fleets.router(
            Selectors.leastOutstandingWork(),
            time,
            List.of(gpu("fast", 4_000), gpu("middle", 2_000), gpu("slow", 1_000)));
    for (int i = 0; i < 210; i++) {
      router.acquire(tokens(i % 2 == 0 ? 10 : 1_000));
    }

    assertThat(router.snapshot().endpoints())
        .extracting(e -> e.reservedInput().toMillis() / 1_000.0)
        .allSatisfy(seconds -> assertThat(seconds).isCloseTo(15.15, within(0.75)));
  }

  @Test
  void aWeightWithoutADeclaredSpeedIsASpeed() {
    InferenceRouter router = Fleets.router(Selectors.leastOutstandingWork(), time, weighted(3, 1));
    for (int i = 0; i < 200; i++) {
      router.acquire(tokens(100));
    }

    assertThat(router.snapshot().endpoint("e0").orElseThrow().inFlight()).isBetween(149, 151);
  }

  @Test
  void oneLongRequestWeighsAsMuchAsManyShortOnes() {
    InferenceRouter router =
        Fleets.router(
            Selectors.leastOutstandingWork(), time, List.of(gpu("a", 1_000), gpu("b", 1_000)));
    String busy = router.acquire(tokens(10_000)).endpoint().id();
    for (int i = 0; i < 99; i++) {
      assertThat(router.acquire(tokens(100)).endpoint().id()).isNotEqualTo(busy);
    }
  }

  static Stream<Arguments> terms() {
    return Stream.of(
        Arguments.of(
            Selectors.leastOutstandingWork(),
            List.of("reserved input", "reserved output", "input", "output", "failures")),
        Arguments.of(
            Selectors.leastOutstandingRequests(), List.of("requests per weight", "failures")),
        Arguments.of(Selectors.peakEwma(), List.of("latency", "in flight", "failures")));
  }

  @ParameterizedTest
  @MethodSource("terms")
  void anExplanationNamesTheTermsAndTheChosenHasTheLowestSum(
      EndpointSelector selector, List<String> names) {
    InferenceRouter router =
        Fleets.router(selector, time, List.of(gpu("a", 1_000), gpu("b", 1_000)));
    Lease first = router.acquire(tokens(500));
    router.acquire(tokens(500));
    time.advance(Duration.ofSeconds(1));
    first.complete(Outcome.success());

    var explanation = router.explain(tokens(100));

    assertThat(explanation.verdicts())
        .allSatisfy(v -> assertThat(v.terms().keySet()).containsExactlyElementsOf(names));
    Verdict best =
        explanation.verdicts().stream()
            .min(Comparator.comparingDouble(Verdict::score))
            .orElseThrow();
    assertThat(explanation.chosen()).contains(best.endpoint());
    assertThat(best.endpoint()).isEqualTo(first.endpoint());
  }
}
