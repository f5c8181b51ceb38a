package io.inferencerouter.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.SlowStart;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.AllSelectors;
import io.inferencerouter.core.testing.Traffic;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SlowStartTest {
  private static final InferenceRequest ANY = InferenceRequest.anyModel();
  private static final Duration TICK = Duration.ofMillis(1);

  private final VirtualTime time = new VirtualTime();

  private InferenceRouters.Builder settings(EndpointSelector selector) {
    SplittableRandom random = new SplittableRandom(17);
    return InferenceRouters.builder()
        .selector(selector)
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .random(random::nextLong);
  }

  private static List<Endpoint> endpoints(int count, int slots) {
    return IntStream.range(0, count).mapToObj(i -> endpoint("e" + i, slots)).toList();
  }

  private static Endpoint endpoint(String id, int slots) {
    return Endpoint.builder(id, "http://" + id).maxConcurrency(slots).build();
  }

  private static List<Endpoint> with(List<Endpoint> endpoints, Endpoint... more) {
    return Stream.concat(endpoints.stream(), Stream.of(more)).toList();
  }

  static List<EndpointSelector> selectors() {
    return AllSelectors.all();
  }

  /** Routes requests that are cancelled at once, so that no answers count. */
  private Map<String, Integer> shares(InferenceRouter router, int count) {
    Map<String, Integer> got = new HashMap<>();
    for (int i = 0; i < count; i++) {
      InferenceRequest request = InferenceRequest.forAnyModel().session("s" + i).build();
      Lease lease = router.acquire(request);
      got.merge(lease.endpoint().id(), 1, Integer::sum);
      lease.close();
    }
    return got;
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void aNewEndpointGetsLittleAtFirstAndItsShareInTheEndUnderEverySelector(
      EndpointSelector selector) {
    List<Endpoint> old = endpoints(3, 64);
    InferenceRouter router = settings(selector).endpoints(old).build();
    assertThat(shares(router, 3_000).values()).allSatisfy(n -> assertThat(n).isGreaterThan(800));
    router.updateEndpoints(with(old, endpoint("new", 64)));

    int first = shares(router, 4_000).getOrDefault("new", 0);
    time.advance(Duration.ofSeconds(15));
    int half = shares(router, 4_000).getOrDefault("new", 0);
    time.advance(Duration.ofSeconds(16));
    int full = shares(router, 4_000).getOrDefault("new", 0);

    assertThat(first).as("at once").isBetween(50, 170);
    assertThat(half).as("half-way").isBetween(330, 800);
    assertThat(full).as("in the end").isBetween(850, 1_150);
    assertThat(time.pending()).isZero();
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void aNewEndpointInALargeFleetIsNeitherFloodedNorStarved(EndpointSelector selector) {
    List<Endpoint> old = endpoints(31, 64);
    InferenceRouter router = settings(selector).endpoints(old).build();
    shares(router, 100);
    router.updateEndpoints(with(old, endpoint("new", 64)));

    assertThat(shares(router, 16_000).getOrDefault("new", 0)).isBetween(10, 160); // 500 is fair
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void whenAllEndpointsAreNewNoneIsHeldBack(EndpointSelector selector) {
    InferenceRouter router = settings(selector).endpoints(endpoints(4, 64)).build();

    assertThat(shares(router, 4_000).values())
        .hasSize(4)
        .allSatisfy(n -> assertThat(n).isBetween(800, 1_200));

    List<Endpoint> others = IntStream.range(0, 4).mapToObj(i -> endpoint("other" + i, 64)).toList();
    router.updateEndpoints(others);
    assertThat(shares(router, 4_000).values())
        .hasSize(4)
        .allSatisfy(n -> assertThat(n).isBetween(800, 1_200));
  }

  @Test
  void ofEndpointsThatBeginTogetherNoneGetsAheadForHavingAnsweredMore() {
    InferenceRouter router =
        settings(Selectors.roundRobin())
            .slowStart(SlowStart.builder().window(Duration.ofMinutes(10)).build())
            .endpoints(endpoints(2, 64))
            .build();
    // e0 answers everything, e1 is slower: it has many under way, and answers nothing yet.
    for (int i = 0; i < 200; i++) {
      Lease lease = router.acquire(ANY);
      time.advance(Duration.ofMillis(100));
      lease.complete(lease.endpoint().id().equals("e0") ? Outcome.success() : Outcome.cancelled());
    }

    assertThat(shares(router, 1_000).get("e1")).isBetween(400, 600);
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void severalThatWarmAtOnceDoNotSurgeAndLeaveNoneStarved(EndpointSelector selector) {
    List<Endpoint> old = endpoints(2, 64);
    InferenceRouter router = settings(selector).endpoints(old).build();
    shares(router, 100);
    Endpoint[] fresh =
        IntStream.range(0, 6).mapToObj(i -> endpoint("new" + i, 64)).toArray(Endpoint[]::new);
    router.updateEndpoints(with(old, fresh));

    Map<String, Integer> got = shares(router, 4_000);

    assertThat(got.get("e0") + got.get("e1")).as("old ones").isGreaterThan(1_700);
    for (Endpoint endpoint : fresh) {
      assertThat(got.getOrDefault(endpoint.id(), 0)).as(endpoint.id()).isBetween(20, 500);
    }
  }

  @Test
  void underLeastOutstandingAWarmingEndpointIsNotFilledUpInOneGo() {
    List<Endpoint> old = endpoints(4, 64);
    InferenceRouter router = settings(Selectors.leastOutstandingRequests()).endpoints(old).build();
    for (int i = 0; i < 80; i++) {
      Lease unused = router.acquire(ANY); // 20 on each
    }
    router.updateEndpoints(with(old, endpoint("new", 64)));
    int onNew = 0;
    for (int i = 0; i < 20; i++) {
      onNew += router.acquire(ANY).endpoint().id().equals("new") ? 1 : 0;
    }

    assertThat(onNew).isLessThan(8); // all 20, if nothing held them back
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void aRequestThatOnlyAWarmingEndpointCanTakeIsRouted(EndpointSelector selector) {
    List<Endpoint> old = endpoints(2, 1);
    InferenceRouter router = settings(selector).endpoints(old).build();
    Lease first = router.acquire(ANY);
    Lease second = router.acquire(ANY);
    router.updateEndpoints(with(old, endpoint("new", 200)));

    for (int i = 0; i < 200; i++) {
      assertThat(router.acquire(ANY).endpoint().id()).isEqualTo("new");
    }
    assertThatThrownBy(() -> router.acquire(ANY)).hasMessageContaining("full");
    first.close();
    second.close();
  }

  @Test
  void whenOnlyWarmingEndpointsAreLeftTheyGetEverythingInTheirProportion() {
    List<Endpoint> old = endpoints(1, 64);
    InferenceRouter router = settings(Selectors.leastOutstandingRequests()).endpoints(old).build();
    router.updateEndpoints(with(old, endpoint("x", 64)));
    time.advance(Duration.ofSeconds(12));
    router.updateEndpoints(with(old, endpoint("x", 64), endpoint("y", 64)));
    router.updateEndpoints(List.of(endpoint("x", 64), endpoint("y", 64)));

    Map<String, Integer> got = shares(router, 5_000);

    assertThat(got.keySet()).containsExactlyInAnyOrder("x", "y");
    // Of x, which has got furthest, nothing is held back; y is there in 0.1 / 0.4 of the decisions,
    // and gets a half of those.
    assertThat(got.get("y") / 5_000.0).isCloseTo(0.125, within(0.03));
  }

  @Test
  void answersMakeAnEndpointWarmBeforeItsTime() {
    List<Endpoint> old = endpoints(1, 64);
    InferenceRouter router =
        settings(Selectors.random())
            .slowStart(SlowStart.builder().window(Duration.ofMinutes(10)).build())
            .endpoints(old)
            .build();
    router.updateEndpoints(with(old, endpoint("new", 64)));
    new Traffic(router, time, ANY).send(1_500, Duration.ofMillis(10), Outcome.success());
    time.advance(Duration.ofSeconds(20));

    assertThat(shares(router, 2_000).get("new")).isBetween(900, 1_100);
  }

  @Test
  void anEndpointThatComesBackStartsSlowlyButNotAfterARateLimit() {
    List<Endpoint> fleet = endpoints(2, 64);
    InferenceRouter router = settings(Selectors.random()).endpoints(fleet).build();
    router.eject("e0", Duration.ofSeconds(5));
    time.advance(Duration.ofSeconds(5));
    assertThat(shares(router, 2_000).get("e0")).isBetween(100, 300);
    time.advance(Duration.ofSeconds(31));
    assertThat(shares(router, 2_000).get("e0")).isBetween(900, 1_100);

    Lease lease = router.acquire(ANY);
    lease.complete(Outcome.rateLimited(Duration.ofSeconds(5)));
    time.advance(Duration.ofSeconds(5));
    assertThat(shares(router, 2_000).get(lease.endpoint().id())).isBetween(900, 1_100);
  }

  @Test
  void nothingTicksForAnEndpointThatIsAwayInItsSlowStartNorAfterTheEnd() {
    List<Endpoint> old = endpoints(2, 64);
    InferenceRouter router = settings(Selectors.random()).endpoints(old).build();
    router.updateEndpoints(with(old, endpoint("new", 64)));
    time.advance(Duration.ofSeconds(3));
    router.eject("new", Duration.ofHours(1));
    time.advance(Duration.ofSeconds(3));
    assertThat(time.pending()).as("the return").isEqualTo(1);

    time.advance(Duration.ofHours(1));
    assertThat(time.pending()).as("the next step").isEqualTo(1);
    router.close();
    time.advance(Duration.ofSeconds(1));
    assertThat(time.pending()).isZero();
  }

  @Test
  void oneTimerPerEndpointWaitsForTheEndOfItsEjectionHoweverOftenThatIsPutOff() {
    InferenceRouter router = settings(Selectors.random()).endpoints(endpoints(2, 64)).build();
    for (int seconds = 1; seconds <= 20; seconds++) {
      router.eject("e0", Duration.ofSeconds(seconds));
    }
    assertThat(time.pending()).isEqualTo(1);
    time.advance(Duration.ofMillis(19_999));
    assertThat(shares(router, 100)).doesNotContainKey("e0");
    time.advance(Duration.ofMillis(1));
    assertThat(shares(router, 1_000)).containsKey("e0");

    router.eject("e1", Duration.ofDays(1));
    router.close();
    time.advance(Duration.ofSeconds(1));
    assertThat(time.pending()).isZero();
  }

  @Test
  void howOftenASelectorAsksMakesNoDifferenceToTheShare() {
    List<Boolean> differs = new ArrayList<>();
    EndpointSelector asksOften =
        (request, candidates) -> {
          int fresh = candidates.size() - 1;
          boolean first = candidates.isAvailable(fresh);
          boolean asBefore = true;
          for (int i = 0; i < 4; i++) {
            int unused = candidates.random(10) + candidates.sample(0, 1);
            asBefore &= candidates.isAvailable(fresh) == first;
          }
          if (!asBefore) {
            differs.add(true);
          }
          return asBefore && candidates.isAvailable(fresh) ? fresh : 0;
        };
    List<Endpoint> old = endpoints(3, 64);
    InferenceRouter router = settings(asksOften).endpoints(old).build();
    router.updateEndpoints(with(old, endpoint("new", 64)));

    assertThat(shares(router, 10_000).get("new")).isBetween(850, 1_150); // the floor is 0.1
    assertThat(differs).isEmpty();
    time.advance(Duration.ofSeconds(15));
    assertThat(shares(router, 10_000).get("new")).isBetween(4_500, 5_600);
    assertThat(differs).isEmpty();
  }

  @Test
  void endpointsInTheirSlowStartAreDrawnIndependently() {
    int[] drawn = new int[4];
    EndpointSelector counts =
        (request, candidates) -> {
          boolean x = candidates.isAvailable(1);
          boolean y = candidates.isAvailable(2);
          drawn[(x ? 1 : 0) + (y ? 2 : 0)]++;
          return 0;
        };
    List<Endpoint> old = endpoints(1, 64);
    InferenceRouter router = settings(counts).endpoints(old).build();
    router.updateEndpoints(with(old, endpoint("x", 64), endpoint("y", 64)));
    time.advance(Duration.ofSeconds(15)); // a share of a half
    shares(router, 10_000);

    for (int n : drawn) {
      assertThat(n).isBetween(2_200, 2_800);
    }
  }

  @Test
  void aModelThatOnlyNewEndpointsServeIsNotHeldBackByOthersThatServeOtherModels() {
    Endpoint old = Endpoint.builder("old", "http://old").model("m").build();
    InferenceRouter router = settings(Selectors.random()).endpoint(old).build();
    router.updateEndpoints(
        List.of(
            old,
            Endpoint.builder("x", "http://x").model("n").build(),
            Endpoint.builder("y", "http://y").model("n").build()));
    InferenceRequest request = InferenceRequest.forModel("n").build();
    new Traffic(router, time, request)
        .send(2_000, TICK, id -> id.equals("x") ? Outcome.success() : Outcome.cancelled());
    Map<String, Integer> got =
        new Traffic(router, time, request).send(1_000, TICK, Outcome.cancelled());

    assertThat(got.get("y")).isBetween(400, 600);
  }

  @Test
  void theShareGrowsAsTheAggressionSays() {
    SlowStart even = SlowStart.builder().window(Duration.ofSeconds(100)).answers(100).build();
    SlowStart eager = SlowStart.builder().window(Duration.ofSeconds(100)).aggression(2).build();

    assertThat(even.share(Duration.ZERO, 0)).isEqualTo(0.1);
    assertThat(even.share(Duration.ofSeconds(25), 0)).isEqualTo(0.25);
    assertThat(even.share(Duration.ofSeconds(25), 50)).isEqualTo(0.5);
    assertThat(even.share(Duration.ofSeconds(100), 0)).isEqualTo(1);
    assertThat(eager.share(Duration.ofSeconds(25), 0)).isEqualTo(0.5);
    assertThat(SlowStart.none().share(Duration.ZERO, 0)).isEqualTo(1);
  }

  @Test
  void joiningOneAfterTheOtherLeavesNobodyBehindForGood() {
    List<Endpoint> fleet = new ArrayList<>(endpoints(1, 64));
    InferenceRouter router = settings(Selectors.random()).endpoints(fleet).build();
    for (int i = 0; i < 5; i++) {
      fleet.add(endpoint("new" + i, 64));
      router.updateEndpoints(List.copyOf(fleet));
      time.advance(Duration.ofMillis(7_300));
    }
    time.advance(Duration.ofSeconds(31));

    assertThat(shares(router, 6_000).values())
        .hasSize(6)
        .allSatisfy(n -> assertThat(n).isBetween(850, 1_150));
    assertThat(time.pending()).isZero();
  }
}
