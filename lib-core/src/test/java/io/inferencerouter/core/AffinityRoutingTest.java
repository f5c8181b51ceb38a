package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Candidates;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.Explanation;
import io.inferencerouter.Explanation.Verdict;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Prompts and conversations return to where they have been read. Answers take no time here, so that
 * nothing is learned of speeds.
 */
class AffinityRoutingTest {
  /** Each endpoint reads so many tokens a second. */
  private static final int RATE = 1_000;

  private static final int TOKENS = 1_000;
  private static final int BLOCKS = 10;

  /** The share of a prompt of that many blocks that a cache which holds all of them can serve. */
  private static final double WHOLE = BLOCKS / (BLOCKS + 0.5);

  private final VirtualTime time = new VirtualTime();

  private static List<Endpoint> fleet(int size) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      endpoints.add(
          Endpoint.builder("e" + i, "http://e" + i)
              .region("r" + i)
              .profile(HardwareProfile.builder(RATE, 50).build())
              .build());
    }
    return endpoints;
  }

  private InferenceRouter router(int size) {
    return Fleets.router(Selectors.predictedTime(), time, fleet(size));
  }

  /** The keys of a prompt that begins like all of {@code family}, and ends in a way of its own. */
  private static long[] keys(int family, int shared, int own, int blocks) {
    long[] keys = new long[blocks];
    for (int i = 0; i < blocks; i++) {
      long seed = i < shared ? family : (1L << 40) + own;
      keys[i] = (seed * 0x9e3779b97f4a7c15L) ^ (i * 0xc2b2ae3d27d4eb4fL);
    }
    return keys;
  }

  private static InferenceRequest.Builder sized() {
    return InferenceRequest.forModel("m").input(InputUnit.TOKENS, TOKENS).outputLimit(0);
  }

  private static InferenceRequest prompt(int own) {
    return sized().prefixKeys(keys(0, 0, own, BLOCKS)).build();
  }

  private static InferenceRequest turn(String session) {
    return sized().session(session).build();
  }

  private static InferenceRequest on(String region, InferenceRequest request) {
    return request.toBuilder().allowedRegions(region).build();
  }

  private static String serve(InferenceRouter router, InferenceRequest request) {
    return serve(router, request, Usage.of(TOKENS, 0));
  }

  private static String serve(InferenceRouter router, InferenceRequest request, Usage usage) {
    Lease lease = router.acquire(request);
    lease.firstToken();
    lease.complete(Outcome.success().withUsage(usage));
    return lease.endpoint().id();
  }

  private static Lease occupy(InferenceRouter router, String region, double seconds) {
    return router.acquire(
        InferenceRequest.forModel("m")
            .input(InputUnit.TOKENS, (long) (seconds * RATE))
            .outputLimit(0)
            .allowedRegions(region)
            .build());
  }

  private static double cached(Explanation explanation, String id) {
    return explanation.verdicts().stream()
        .filter(v -> v.endpoint().id().equals(id))
        .map(Verdict::terms)
        .mapToDouble(terms -> -terms.get("cached") / terms.get("input"))
        .sum();
  }

  private static InferenceRequest request(boolean keyed, int own) {
    return keyed ? prompt(own) : turn("session " + own);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasReadBeforeReturnsToWhereItWasRead(boolean keyed) {
    InferenceRouter router = router(4);
    Map<Integer, String> homes = new HashMap<>();
    for (int own = 0; own < 40; own++) {
      homes.put(own, serve(router, request(keyed, own)));
    }

    assertThat(homes.values()).contains("e0", "e1", "e2", "e3");
    for (int round = 0; round < 5; round++) {
      for (int own = 0; own < 40; own++) {
        assertThat(serve(router, request(keyed, own))).isEqualTo(homes.get(own));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void inALargeFleetAsWell(boolean keyed) {
    InferenceRouter router = router(100);
    Map<Integer, String> homes = new HashMap<>();
    for (int own = 0; own < 200; own++) {
      homes.put(own, serve(router, request(keyed, own)));
    }

    assertThat(homes.values().stream().distinct().count()).isGreaterThan(60);
    for (int own = 0; own < 200; own++) {
      assertThat(serve(router, request(keyed, own))).isEqualTo(homes.get(own));
    }
  }

  @Test
  void aLongerPromptGoesWhereItsBeginningIs() {
    InferenceRouter router = router(4);
    String home = serve(router, sized().prefixKeys(keys(7, 6, 1, 6)).build());

    for (int own = 0; own < 20; own++) {
      InferenceRequest longer = sized().prefixKeys(keys(7, 6, own, 9)).build();
      assertThat(serve(router, longer)).isEqualTo(home);
    }
  }

  @Test
  void thePatienceWithABusyHomeGoesByWhatItHasOfThePrompt() {
    // Elsewhere it takes 1 s. At home, 0.05 s are left to read of a whole prompt, 0.81 of a fifth.
    assertThat(stays(BLOCKS, 3.1)).isTrue();
    assertThat(stays(BLOCKS, 3.3)).isFalse();
    assertThat(stays(BLOCKS / 2, 1.5)).isTrue();
    assertThat(stays(BLOCKS / 2, 1.7)).isFalse();
    assertThat(stays(BLOCKS / 5, 0.6)).isTrue();
    assertThat(stays(BLOCKS / 5, 0.8)).isFalse();
  }

  /** Whether a prompt of which so many blocks were read stays where that was, so long a wait. */
  private boolean stays(int blocks, double busySeconds) {
    InferenceRouter router = router(3);
    serve(router, on("r0", sized().prefixKeys(keys(3, blocks, 1, BLOCKS)).build()));
    occupy(router, "r0", busySeconds);
    InferenceRequest next = sized().prefixKeys(keys(3, blocks, 2, BLOCKS)).build();
    return router.acquire(next).endpoint().id().equals("e0");
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 100})
  void ofTwoThatHaveReadItTheOneThatIsNotBusyIsChosen(int size) {
    for (int busy = 1; busy <= 2; busy++) {
      InferenceRouter router = router(size);
      serve(router, on("r1", prompt(1)));
      serve(router, on("r2", prompt(1)));
      occupy(router, "r" + busy, 1.5);

      assertThat(router.explain(prompt(1)).chosen()).map(Endpoint::id).contains("e" + (3 - busy));
    }
  }

  @Test
  void aConversationThatHadToMoveStaysWhereItWent() {
    InferenceRouter router = router(3);
    serve(router, on("r0", turn("s")));
    Lease busy = occupy(router, "r0", 3);
    assertThat(serve(router, turn("s"))).isEqualTo("e0");
    occupy(router, "r0", 1);

    String next = serve(router, turn("s"));
    busy.close();
    time.advance(Duration.ofSeconds(1));

    assertThat(next).isNotEqualTo("e0");
    for (int i = 0; i < 20; i++) {
      assertThat(serve(router, turn("s"))).isEqualTo(next);
    }
  }

  @Test
  void aBeginningThatEverybodySharesAttractsNobody() {
    InferenceRouter router = router(8);
    Map<String, Integer> shares = new TreeMap<>();
    Queue<Lease> running = new ArrayDeque<>();
    for (int own = 0; own < 1_000; own++) {
      Lease lease = router.acquire(sized().prefixKeys(keys(3, 8, own, BLOCKS)).build());
      running.add(lease);
      if (own >= 200) {
        shares.merge(lease.endpoint().id(), 1, Integer::sum);
      }
      if (running.size() > 16) {
        running.remove().complete(Outcome.success());
      }
    }

    assertThat(shares).hasSize(8);
    assertThat(shares.values()).allSatisfy(share -> assertThat(share).isBetween(70, 130));
    Explanation explanation = router.explain(sized().prefixKeys(keys(3, 8, -1, BLOCKS)).build());
    for (Verdict verdict : explanation.verdicts()) {
      assertThat(cached(explanation, verdict.endpoint().id()))
          .isCloseTo(8 / (BLOCKS + 0.5), within(1e-6));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEndpointThatWasDrainedAndAddedAgainIsNobodysHome(boolean keyed) {
    InferenceRouter router = router(4);
    for (int own = 0; own < 60; own++) {
      serve(router, on("r0", request(keyed, own)));
    }
    router.drain("e0").join();
    router.updateEndpoints(fleet(4));

    assertThat(cached(router.explain(request(keyed, 0)), "e0")).isZero();
    Lease busy = occupy(router, "r0", 0.5);
    assertThat(router.explain(request(keyed, 0)).chosen().orElseThrow().id()).isNotEqualTo("e0");
    busy.close();
    int returned = 0;
    for (int own = 0; own < 60; own++) {
      returned += serve(router, request(keyed, own)).equals("e0") ? 1 : 0;
    }
    assertThat(returned).isBetween(2, 30); // a quarter by chance
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEndpointDoesNotInheritWhatTheOneBeforeItHadRead(boolean keyed) {
    InferenceRouter router = router(4);
    for (int own = 0; own < 60; own++) {
      serve(router, on("r3", request(keyed, own)));
    }
    router.updateEndpoints(fleet(3));
    List<Endpoint> next = new ArrayList<>(fleet(3));
    next.add(Fleets.gpu("heir", RATE).toBuilder().region("new").build());
    router.updateEndpoints(next);

    Lease busy = occupy(router, "new", 0.5);
    assertThat(router.explain(request(keyed, 0)).chosen().orElseThrow().id()).isNotEqualTo("heir");
    busy.close();
    int inherited = 0;
    for (int own = 0; own < 60; own++) {
      inherited += serve(router, request(keyed, own)).equals("heir") ? 1 : 0;
    }
    assertThat(inherited).isBetween(2, 30);
  }

  @Test
  void whoseDrainIsOvertakenByItsReturnHasLostItsCacheToo() {
    InferenceRouter router = router(4);
    Lease last = router.acquire(on("r0", prompt(1)));
    last.firstToken();
    CompletableFuture<Void> drain = router.drain("e0");
    router.updateEndpoints(fleet(4));

    assertThat(drain).isCompletedExceptionally();
    assertThat(cached(router.explain(prompt(1)), "e0")).isZero();
    last.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEndpointThatReportsNothingFromItsCacheLosesTrustAndCanRegainIt(boolean keyed) {
    InferenceRouter router = router(4);
    InferenceRequest request = request(keyed, 1);
    serve(router, on("r0", request));
    double before = cached(router.explain(request), "e0");
    for (int i = 0; i < 40; i++) {
      serve(router, on("r0", request), Usage.of(TOKENS, 0).withCachedInput(0));
    }
    double distrusted = cached(router.explain(request), "e0");
    for (int i = 0; i < 200; i++) {
      serve(router, on("r0", request), Usage.of(TOKENS, 0).withCachedInput(TOKENS));
    }

    assertThat(before).isGreaterThan(0.9);
    assertThat(distrusted).isLessThan(0.1);
    assertThat(cached(router.explain(request), "e0")).isGreaterThan(0.8);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAnEndpointHasForgottenByNowIsToldFromWhatItHasNot(boolean keyed) {
    InferenceRouter router = router(4);
    for (int i = 0; i < 300; i++) {
      serve(router, on("r0", request(keyed, i)));
      if (i >= 60) { // it keeps about thirty prompts
        Usage nothing = Usage.of(TOKENS, 0).withCachedInput(0);
        Usage everything = Usage.of(TOKENS, 0).withCachedInput(TOKENS);
        boolean isOld = i % 2 == 0;
        serve(router, on("r0", request(keyed, i - (isOld ? 60 : 4))), isOld ? nothing : everything);
      }
    }

    assertThat(cached(router.explain(request(keyed, 299)), "e0")).isGreaterThan(0.8);
    assertThat(cached(router.explain(request(keyed, 200)), "e0")).isLessThan(0.2);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.25, 0.5, 0.75})
  void trustBecomesTheReportedPartOfWhatWasPredicted(double part) {
    InferenceRouter router = router(4);
    serve(router, on("r0", prompt(1)));
    Usage usage = Usage.of(TOKENS, 0).withCachedInput((long) (part * WHOLE * TOKENS));
    for (int i = 0; i < 300; i++) {
      serve(router, on("r0", prompt(1)), usage);
    }

    assertThat(cached(router.explain(prompt(1)), "e0")).isCloseTo(part * WHOLE, within(0.03));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aHomeThatIsNotTrustedIsNoHome(boolean keyed) {
    InferenceRouter router = router(4);
    InferenceRequest request = request(keyed, 1);
    for (int i = 0; i < 60; i++) {
      serve(router, on("r0", request), Usage.of(TOKENS, 0).withCachedInput(0));
    }
    occupy(router, "r0", 0.5);

    assertThat(router.explain(request).chosen().orElseThrow().id()).isNotEqualTo("e0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void equalKeysOfOtherModelsAreSomethingElse(boolean keyed) {
    InferenceRouter router = router(4);
    serve(router, on("r0", request(keyed, 1)));
    InferenceRequest.Builder other =
        InferenceRequest.forModel("other").input(InputUnit.TOKENS, TOKENS).outputLimit(0);
    InferenceRequest alike =
        keyed
            ? other.prefixKeys(keys(0, 0, 1, BLOCKS)).build()
            : other.session("session 1").build();

    assertThat(cached(router.explain(request(keyed, 1)), "e0")).isGreaterThan(0.9);
    assertThat(cached(router.explain(alike), "e0")).isZero();
  }

  @Test
  void anExplanationNamesTheHomeAndWhatItSaves() {
    InferenceRouter router = router(4);
    serve(router, on("r2", prompt(1)));

    Explanation explanation = router.explain(prompt(1));

    assertThat(explanation.chosen()).map(Endpoint::id).contains("e2");
    assertThat(cached(explanation, "e2")).isCloseTo(WHOLE, within(1e-6));
    assertThat(cached(explanation, "e0")).isZero();
    assertThat(explanation.summary()).contains("with 95 % of the input in its cache");
    assertThat(serve(router, prompt(1))).isEqualTo("e2");
  }

  @Test
  void whatIsKnownOfAPromptGoesToWhoeverSelects() {
    List<String> seen = new ArrayList<>();
    EndpointSelector custom =
        (request, candidates) -> {
          seen.add(
              String.format(
                  "%s %s %s advantage %.2f, cached %.2f %.2f, saved %.2f s",
                  nth(candidates, 0),
                  nth(candidates, 1),
                  nth(candidates, 2),
                  candidates.warmestAdvantage(),
                  candidates.cachedShare(0),
                  candidates.cachedShare(1),
                  candidates.cachedInputSeconds(1)));
          return 1;
        };
    InferenceRouter router = Fleets.router(custom, time, fleet(3));

    serve(router, prompt(1));
    serve(router, prompt(1));
    serve(router, prompt(2));

    assertThat(seen)
        .containsExactly(
            "none none none advantage 0.00, cached 0.00 0.00, saved 0.00 s",
            "e1 none none advantage 1.00, cached 0.00 0.95, saved 0.95 s",
            "none none none advantage 0.00, cached 0.00 0.00, saved 0.00 s");
  }

  @Test
  void theNextWarmestIsFoundWhereTheWarmestMayNotServe() {
    InferenceRouter router = router(100);
    serve(router, on("r1", prompt(1)));
    serve(router, on("r2", sized().prefixKeys(keys(0, 0, 1, 9)).build()));
    router.eject("e1", Duration.ofHours(1));

    for (int i = 0; i < 20; i++) {
      Explanation explanation = router.explain(prompt(1));
      assertThat(explanation.chosen()).map(Endpoint::id).contains("e2");
    }
  }

  private static String nth(Candidates candidates, int rank) {
    int index = candidates.warmest(rank);
    return index == EndpointSelector.NONE ? "none" : candidates.endpoint(index).id();
  }
}
