package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Explanation;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.NoEndpointException.Reason;
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.testing.VirtualTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EligibilityTest {
  private final VirtualTime time = new VirtualTime();
  private final InferenceRouter router =
      InferenceRouters.builder()
          .endpoints(
              List.of(
                  Endpoint.builder("eu", "http://eu")
                      .region("eu")
                      .model(ServedModel.builder("llama").version("1").build())
                      .model("small")
                      .maxConcurrency(4)
                      .build(),
                  Endpoint.builder("us", "http://us")
                      .region("us")
                      .model(ServedModel.builder("llama").version("1").build())
                      .model(ServedModel.builder("llama").version("2").build())
                      .maxConcurrency(4)
                      .build()))
          .ticker(time)
          .scheduler(time)
          .executor(Runnable::run)
          .build();

  private Set<String> reached(InferenceRequest request) {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      Lease lease = router.acquire(request);
      ids.add(lease.endpoint().id());
      lease.close();
    }
    return ids;
  }

  private static InferenceRequest.Builder llama() {
    return InferenceRequest.forModel("llama");
  }

  @Test
  void aModelIsServedWhereItIsDeclared() {
    assertThat(reached(llama().build())).containsExactlyInAnyOrder("eu", "us");
    assertThat(reached(InferenceRequest.forModel("small").build())).containsExactly("eu");
    assertThat(reached(InferenceRequest.anyModel())).containsExactlyInAnyOrder("eu", "us");
  }

  @Test
  void aVersionIsServedWhereItIsDeclaredAndNamedOnTheLease() {
    InferenceRequest second = llama().modelVersion("2").build();

    assertThat(reached(second)).containsExactly("us");
    assertThat(router.acquire(second).modelVersion()).isEqualTo("2");
  }

  @Test
  void aRequestLeavesItsRegionsUnderNoCircumstances() {
    InferenceRequest european = llama().allowedRegions("eu", "ch").build();
    assertThat(reached(european)).containsExactly("eu");
    for (int i = 0; i < 4; i++) {
      router.acquire(european);
    }

    assertThatThrownBy(() -> router.acquire(european))
        .isInstanceOf(io.inferencerouter.OverloadedException.class);
  }

  @Test
  void aFallbackModelAnswersWhenTheModelCannot() {
    InferenceRequest request = llama().modelVersion("2").fallbackModels("huge", "small").build();
    for (int i = 0; i < 4; i++) {
      assertThat(router.acquire(request).model()).isEqualTo("llama");
    }

    Lease fallback = router.acquire(request);

    assertThat(fallback.model()).isEqualTo("small");
    assertThat(fallback.endpoint().id()).isEqualTo("eu");
    Lease unknown =
        router.acquire(InferenceRequest.forModel("unknown").fallbackModels("small").build());
    assertThat(unknown.model()).isEqualTo("small");
  }

  @Test
  void anEndpointThatDeclaresNoModelsServesAll() {
    router.updateEndpoints(List.of(Endpoint.of("any", "http://any")));

    Lease lease = router.acquire(llama().build());

    assertThat(lease.endpoint().id()).isEqualTo("any");
    assertThat(lease.model()).isEqualTo("llama");
  }

  @Test
  void aFallbackThatNobodyDeclaresGoesToEndpointsThatServeAllUnderItsOwnName() {
    router.updateEndpoints(List.of(Endpoint.of("any", "http://any")));

    Lease lease = router.acquire(llama().modelVersion("2").fallbackModels("phi").build());

    assertThat(lease.model()).isEqualTo("phi");
  }

  @Test
  void aRefusalSaysWhichRuleLeftNothing() {
    assertRefused(InferenceRequest.forModel("gpt").build(), Reason.UNKNOWN_MODEL, "model: gpt");
    assertRefused(llama().modelVersion("3").build(), Reason.UNKNOWN_VERSION, "llama: 3");
    assertRefused(llama().allowedRegions("ch").build(), Reason.REGION, "[eu, us]");
    router.updateEndpoints(List.of());
    assertRefused(llama().build(), Reason.NO_ENDPOINTS, "endpoints: none");
  }

  private void assertRefused(InferenceRequest request, Reason reason, String message) {
    assertThatThrownBy(() -> router.acquire(request))
        .isInstanceOfSatisfying(
            NoEndpointException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message)
        .hasMessageContaining("expected: ");
  }

  @Test
  void anExplanationNamesTheFilterThatRemovedAnEndpoint() {
    router.eject("us", java.time.Duration.ofSeconds(1));
    InferenceRequest request = InferenceRequest.forModel("small").allowedRegions("eu").build();

    Explanation explanation = router.explain(request);

    assertThat(explanation.verdicts().get(0).removedBy()).isEmpty();
    assertThat(explanation.verdicts().get(0).terms())
        .containsOnlyKeys("wait", "load", "input", "cached", "output", "harm", "failures");
    assertThat(explanation.verdicts().get(1).removedBy()).contains("lifecycle: EJECTED");
    assertThat(explanation.chosen()).map(Endpoint::id).contains("eu");
    assertThat(explanation.summary())
        .startsWith("eu of 1 available (2 in all) would get a request for small: ")
        .endsWith("; it is the only one.");
    router.reinstate("us");
    assertThat(router.explain(request).verdicts().get(1).removedBy())
        .contains("region: \"us\", allowed [eu]");
    assertThat(router.explain(llama().modelVersion("2").build()).verdicts().get(0).removedBy())
        .contains("version: not 2");
    assertThat(router.explain(InferenceRequest.forModel("small").build()).verdicts().get(1))
        .extracting(v -> v.removedBy().orElse(""))
        .isEqualTo("model: not small");
  }

  @Test
  void anExplanationOfAnImpossibleRequestNamesNoEndpoint() {
    Explanation explanation = router.explain(InferenceRequest.forModel("gpt").build());

    assertThat(explanation.chosen()).isEmpty();
    assertThat(explanation.summary())
        .isEqualTo(
            "no endpoint of 0 available (2 in all) would get a request for gpt;"
                + " removed 2 by model.");
  }

  @Test
  void moreRestrictionsThanAreKeptAreStillObeyed() {
    for (int i = 0; i < 3_000; i++) {
      InferenceRequest request = llama().allowedRegions("eu", "region-" + i).build();
      Lease lease = router.acquire(request);
      assertThat(lease.endpoint().id()).isEqualTo("eu");
      lease.close();
    }
  }
}
