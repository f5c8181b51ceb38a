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
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an explanation says of the default selector's score, and in one sentence. */
class ExplanationTest {
  private static final InferenceRequest CHAT =
      InferenceRequest.forModel("m")
          .input(InputUnit.TOKENS, 1_000)
          .outputLimit(100)
          .prefixKeys(1, 2, 3, 4)
          .build();

  private final VirtualTime time = new VirtualTime();

  private static Endpoint.Builder gpu(String id) {
    return Endpoint.builder(id, "http://" + id)
        .region(id)
        .profile(
            HardwareProfile.builder(1_000, 50)
                .concurrencyPenalty(0.1)
                .overhead(Duration.ofMillis(20))
                .build());
  }

  private InferenceRouter router(EndpointSelector selector, Endpoint... endpoints) {
    return Fleets.router(selector, time, List.of(endpoints));
  }

  private static Map<String, Double> terms(Explanation explanation, String id) {
    return explanation.verdicts().stream()
        .filter(v -> v.endpoint().id().equals(id))
        .map(Verdict::terms)
        .findFirst()
        .orElseThrow();
  }

  private static InferenceRequest on(String region, InferenceRequest request) {
    return request.toBuilder().allowedRegions(region).build();
  }

  @Test
  void eachTermHasItsOwnNameAndSeconds() {
    Endpoint cold =
        gpu("cold")
            .model(ServedModel.builder("m").loadTime(Duration.ofSeconds(20)).build())
            .build();
    InferenceRouter router =
        router(Selectors.predictedTime(), cold, gpu("home").build(), gpu("busy").build());
    Lease read = router.acquire(on("home", CHAT));
    read.firstToken(); // goes on to decode, and has left its prompt in the cache
    router.acquire(on("busy", CHAT.toBuilder().prefixKeys().build()));

    Explanation explanation = router.explain(CHAT);

    double saved = 4 / 4.5;
    double ofCold = 1 + 2 * (0.25 * 2) / 21.02; // until the first output it takes 21.02 s, then 2 s
    double ofBusy = 1 + 2 * (0.25 * 2.2) / 2.02;
    assertTerms(terms(explanation, "cold"), 0, ofCold * 20, ofCold * 1.02, 0, 2, 0);
    assertTerms(terms(explanation, "home"), 0, 0, 3.06, -3 * saved, 2.2, 0.2);
    assertTerms(terms(explanation, "busy"), ofBusy, 0, ofBusy * 1.02, 0, 2.2, 0.2);
  }

  private static void assertTerms(
      Map<String, Double> terms,
      double wait,
      double load,
      double input,
      double cached,
      double output,
      double harm) {
    assertThat(terms.keySet())
        .containsExactly("wait", "load", "input", "cached", "output", "harm", "failures");
    assertThat(terms.get("wait")).as("wait").isCloseTo(wait, within(0.001));
    assertThat(terms.get("load")).as("load").isCloseTo(load, within(0.001));
    assertThat(terms.get("input")).as("input").isCloseTo(input, within(0.001));
    assertThat(terms.get("cached")).as("cached").isCloseTo(cached, within(0.001));
    assertThat(terms.get("output")).as("output").isCloseTo(output, within(0.001));
    assertThat(terms.get("harm")).as("harm").isCloseTo(harm, within(0.001));
    assertThat(terms.get("failures")).as("failures").isZero();
  }

  @Test
  void theTermsAddUpToTheScoreThatCounts() {
    InferenceRouter router =
        router(
            new EndpointSelector() {
              private final EndpointSelector predicted = Selectors.predictedTime();

              @Override
              public int select(InferenceRequest request, Candidates candidates) {
                return predicted.select(request, candidates);
              }

              @Override
              public Map<String, Double> explain(
                  InferenceRequest request, Candidates candidates, int index) {
                Map<String, Double> terms = predicted.explain(request, candidates, index);
                double sum = terms.values().stream().mapToDouble(Double::doubleValue).sum();
                double firstOutput =
                    candidates.predictedWaitSeconds(index)
                        + candidates.predictedInputSeconds(index);
                double output = candidates.predictedOutputSeconds(index);
                double direct =
                    firstOutput
                        + 2 * Math.min(firstOutput, 0.25 * output)
                        + output
                        + candidates.predictedHarmSeconds(index)
                        + terms.get("failures");
                return Map.of("difference", sum - direct, "failures", terms.get("failures"));
              }
            },
            gpu("cold")
                .model(ServedModel.builder("m").loadTime(Duration.ofSeconds(20)).build())
                .build(),
            gpu("a").build(),
            gpu("b").build());
    for (int i = 0; i < 40; i++) {
      Lease lease = router.acquire(CHAT);
      if (i % 3 == 0) {
        lease.firstToken();
      }
      if (i % 7 == 0) {
        lease.complete(Outcome.serverFault());
      }
      time.advance(Duration.ofMillis(300));
    }

    Explanation explanation = router.explain(CHAT);

    assertThat(explanation.verdicts())
        .allSatisfy(v -> assertThat(v.terms().get("difference")).isCloseTo(0, within(1e-6)))
        .anySatisfy(v -> assertThat(v.terms().get("failures")).isPositive());
  }

  @Test
  void theSentenceNamesTheChosenItsCostAndByWhatTheNextIsBehind() {
    InferenceRouter router =
        router(Selectors.predictedTime(), gpu("gpu-1").build(), gpu("gpu-2").build());
    router.acquire(on("gpu-1", CHAT));

    assertThat(router.explain(CHAT.toBuilder().prefixKeys().build()).summary())
        .isEqualTo(
            "gpu-2 of 2 available (2 in all) would get a request for m: 4.02 s, of which 2.02 s"
                + " input; next gpu-1 with 5.52 s, 1.54 s more wait.");
  }

  @Test
  void theSentenceSaysWhatKeepsARequestAtHome() {
    InferenceRouter router =
        router(Selectors.predictedTime(), gpu("home").build(), gpu("idle").build());
    router.acquire(on("home", CHAT)).complete(Outcome.success());
    router.acquire(on("home", Fleets.tokens(1_300)));

    assertThat(router.explain(CHAT.toBuilder().outputLimit(0).build()).summary())
        .isEqualTo(
            "home of 2 available (2 in all) would get a request for m: 4.29 s, of which 3.90 s"
                + " wait, with 89 % of the input in its cache; the lowest is idle with 3.06 s.");
  }

  @Test
  void theSentenceSaysThatThereIsNoOther() {
    InferenceRouter router = router(Selectors.predictedTime(), gpu("gpu").build());

    assertThat(router.explain(InferenceRequest.anyModel()).summary())
        .startsWith("gpu of 1 available (1 in all) would get a request for any model: ")
        .endsWith("; it is the only one.");
  }

  @Test
  void theSentenceSaysWhatRemovedAllOfThem() {
    InferenceRouter router =
        router(
            Selectors.predictedTime(),
            gpu("full").maxConcurrency(1).build(),
            gpu("ejected").build(),
            gpu("other").model("other").build(),
            gpu("another").model("another").build());
    router.acquire(on("full", CHAT));
    router.eject("ejected", Duration.ofMinutes(1));

    assertThat(router.explain(CHAT).summary())
        .isEqualTo(
            "no endpoint of 0 available (4 in all) would get a request for m; removed 1 by"
                + " lifecycle, 2 by model, 1 by slots.");
  }

  @Test
  void scoresThatAreNoSecondsAreNotCalledSeconds() {
    InferenceRouter router =
        router(Selectors.leastOutstandingRequests(), gpu("a").build(), gpu("b").build());
    String busy = router.acquire(CHAT).endpoint().id();
    String idle = busy.equals("a") ? "b" : "a";

    assertThat(router.explain(CHAT).summary())
        .startsWith(idle + " of 2 available (2 in all) would get a request for m: ")
        .contains("; next " + busy + " with 2.00, 1.00 more requests per weight.")
        .doesNotContain(" s,");
  }

  @Test
  void aSelectorThatExplainsNothingStillGetsItsSentence() {
    InferenceRouter router = router((request, candidates) -> 1, gpu("a").build(), gpu("b").build());

    assertThat(router.explain(CHAT).summary())
        .isEqualTo("b of 2 available (2 in all) would get a request for m.");
  }
}
