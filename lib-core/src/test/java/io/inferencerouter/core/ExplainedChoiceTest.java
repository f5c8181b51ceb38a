package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Explanation;
import io.inferencerouter.Explanation.Verdict;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The terms of an explanation are those that decide: whatever the endpoints have to do, whoever is
 * explained to be chosen, and whoever gets the request at that moment, is among the best by the
 * sums of its terms.
 */
class ExplainedChoiceTest {
  /** Scores that are this many times the best or less are as good as the best. */
  private static final double BAND = 1.07;

  /** So many times the best score the home of a prompt may have, however little it has of it. */
  private static final double HOME_PATIENCE = 1.5;

  /** What is added to 1 for the share that it has more than others, where that is more. */
  private static final double HOME_PATIENCE_PER_ADVANTAGE = 2.25;

  /** So many times the share of its reading that is saved a prompt is cached, at most. */
  private static final double SHARE_PER_TIME = 1.25;

  /** Of two that are as good, one may have so many times as long to its first output. */
  private static final double JITTER = 1.1 / 0.9;

  private static final double FIRST_OUTPUT_WEIGHT = 3;
  private static final double PATIENCE = 0.25;
  private static final double ROUNDING = 1 + 1e-9;

  /** Endpoints of any speed after some traffic, of which some failed. */
  private static InferenceRouter router(int size, SplittableRandom random) {
    VirtualTime time = new VirtualTime();
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      endpoints.add(
          Endpoint.builder("e" + i, "http://e" + i)
              .maxConcurrency(random.nextInt(1, 12))
              .model(
                  ServedModel.builder("m")
                      .loadTime(Duration.ofMillis(random.nextInt(3) * 500L))
                      .build())
              .profile(
                  HardwareProfile.builder(random.nextInt(500, 4_000), random.nextInt(20, 100))
                      .concurrencyPenalty(random.nextInt(3) * 0.05)
                      .overhead(Duration.ofMillis(random.nextInt(30)))
                      .build())
              .build());
    }
    InferenceRouter router = Fleets.router(Selectors.predictedTime(), time, endpoints);
    List<Lease> leases = new ArrayList<>();
    int requests = random.nextInt(60);
    for (int i = 0; i < requests; i++) {
      if (router.explain(request(random, false)).chosen().isPresent()) {
        leases.add(router.acquire(request(random, true)));
      }
      if (!leases.isEmpty()) {
        advance(leases, random);
      }
      time.advance(Duration.ofMillis(random.nextInt(400)));
    }
    time.advance(Duration.ofMillis(1)); // so that there is time to look at all of them
    return router;
  }

  private static void advance(List<Lease> leases, SplittableRandom random) {
    Lease lease = leases.get(random.nextInt(leases.size()));
    switch (random.nextInt(5)) {
      case 0 -> lease.firstToken();
      case 1 -> lease.progress(random.nextInt(100));
      case 2 -> {
        lease.complete(Outcome.success());
        leases.remove(lease);
      }
      case 3 -> {
        lease.complete(Outcome.serverFault());
        leases.remove(lease);
      }
      default -> {}
    }
  }

  private static InferenceRequest request(SplittableRandom random, boolean ofConversation) {
    InferenceRequest.Builder request =
        InferenceRequest.forModel("m")
            .input(InputUnit.TOKENS, random.nextInt(1, 3_000))
            .outputLimit(random.nextInt(300));
    if (ofConversation) {
      long conversation = 10L * random.nextInt(1, 6);
      request.prefixKeys(conversation, conversation + 1, conversation + 2);
    }
    return request.build();
  }

  /** Everybody who has terms, by id. */
  private static Map<String, Verdict> scored(Explanation explanation) {
    Map<String, Verdict> scored = new TreeMap<>();
    for (Verdict verdict : explanation.verdicts()) {
      if (verdict.removedBy().isEmpty()) {
        scored.put(verdict.endpoint().id(), verdict);
      }
    }
    return scored;
  }

  private static double sum(Verdict verdict) {
    return verdict.terms().values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Who is explained to be chosen, and who gets the request, have a score that is good enough. */
  private static void assertAmongTheBest(
      InferenceRouter router, InferenceRequest request, ToDoubleFunction<Verdict> patience) {
    Explanation explanation = router.explain(request);
    Map<String, Verdict> scored = scored(explanation);
    assertThat(explanation.chosen().isPresent()).isEqualTo(!scored.isEmpty());
    if (!scored.isEmpty()) {
      double best = scored.values().stream().mapToDouble(Verdict::score).min().orElseThrow();
      String chosen = explanation.chosen().orElseThrow().id();
      for (String id : List.of(chosen, router.acquire(request).endpoint().id())) {
        Verdict verdict = scored.get(id);
        assertThat(verdict).as("%s of %s", id, scored).isNotNull();
        assertThat(verdict.score()).isEqualTo(sum(verdict));
        assertThat(verdict.score())
            .as("%s of %s", id, scored)
            .isLessThanOrEqualTo(best * patience.applyAsDouble(verdict) * ROUNDING);
      }
    }
  }

  @Property(tries = 2_000)
  void theChosenIsWithinTheBandOfTheLeastSum(
      @ForAll @IntRange(min = 1, max = 24) int size, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    InferenceRouter router = router(size, random);

    assertAmongTheBest(router, request(random, false), verdict -> BAND);

    router.close();
  }

  @Property(tries = 2_000)
  void ofTwoThatAreAsGoodTheOneIsChosenThatIsToAnswerFirst(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    InferenceRouter router = router(2, random);
    InferenceRequest request = request(random, false);
    Explanation explanation = router.explain(request);
    Map<String, Verdict> scored = scored(explanation);
    if (scored.size() == 2) {
      Verdict chosen = scored.remove(explanation.chosen().orElseThrow().id());
      Verdict other = scored.values().iterator().next();
      if (other.score() <= BAND / ROUNDING * chosen.score()) {
        assertThat(firstOutput(chosen)).isLessThanOrEqualTo(JITTER * ROUNDING * firstOutput(other));
      }
    }
    router.close();
  }

  private static double firstOutput(Verdict verdict) {
    double weighted = weightedFirstOutput(verdict);
    return weighted / weight(verdict) + term(verdict, "failures");
  }

  /** How many times the time to the first output counts in the score. */
  private static double weight(Verdict verdict) {
    double weighted = weightedFirstOutput(verdict);
    double felt = PATIENCE * term(verdict, "output");
    boolean isShort = felt == 0 || weighted <= FIRST_OUTPUT_WEIGHT * felt;
    return isShort ? FIRST_OUTPUT_WEIGHT : weighted / (weighted - (FIRST_OUTPUT_WEIGHT - 1) * felt);
  }

  private static double weightedFirstOutput(Verdict verdict) {
    return term(verdict, "wait")
        + term(verdict, "load")
        + term(verdict, "input")
        + term(verdict, "cached");
  }

  private static double term(Verdict verdict, String name) {
    return verdict.terms().getOrDefault(name, Double.NaN);
  }

  @Property(tries = 2_000)
  void theHomeOfAPromptIsChosenOnlyWhileItIsNotFarBehind(
      @ForAll @IntRange(min = 2, max = 8) int size, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    InferenceRouter router = router(size, random);

    // The patience is with what would be chosen otherwise, which is in the band itself.
    assertAmongTheBest(router, request(random, true), verdict -> patience(verdict) * BAND);

    router.close();
  }

  private static double patience(Verdict verdict) {
    double saved = -term(verdict, "cached") / weight(verdict);
    double reading = term(verdict, "input") / weight(verdict) - overhead(verdict);
    double share = saved > 0 ? Math.min(1, SHARE_PER_TIME * saved / reading) : 0;
    return Math.max(HOME_PATIENCE, 1 + HOME_PATIENCE_PER_ADVANTAGE * share);
  }

  /** Seconds that are part of the input whatever is cached of it. */
  private static double overhead(Verdict verdict) {
    return verdict.endpoint().profile().orElseThrow().overhead().toNanos() * 1e-9;
  }
}
