package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Explanation;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Endpoints that serve the same model may have memory for contexts of different length. */
class RefusedInputsTest {
  private static final int USUAL = 100;
  private static final int LARGE = 5_000;

  private static final Endpoint SMALL = gpu("small", 2_000);
  private static final Endpoint BIG = gpu("big", 1_000);
  private static final Map<String, Integer> RATES = Map.of("small", 2_000, "big", 1_000);

  private final VirtualTime time = new VirtualTime();
  private final InferenceRouter router = router(SMALL, BIG);

  private InferenceRouter router(Endpoint... endpoints) {
    SplittableRandom random = new SplittableRandom(7);
    return InferenceRouters.builder()
        .endpoints(List.of(endpoints))
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .random(random::nextLong)
        .build();
  }

  private static Endpoint gpu(String id, int rate) {
    return Endpoint.builder(id, "http://" + id)
        .region(id)
        .profile(HardwareProfile.builder(rate, 10_000).build())
        .build();
  }

  private static InferenceRequest.Builder tokens(int count) {
    return InferenceRequest.forModel("m").input(InputUnit.TOKENS, count).outputLimit(0);
  }

  private String serve(InferenceRequest request, Outcome outcome) {
    Lease lease = router.acquire(request);
    String id = lease.endpoint().id();
    if (outcome.kind() == Outcome.Kind.SUCCESS) {
      time.advance(Duration.ofMillis(request.input(InputUnit.TOKENS) * 1_000 / RATES.get(id)));
    }
    lease.complete(outcome);
    return id;
  }

  private void serveUsualOnes() {
    for (int i = 0; i < 40; i++) {
      serve(tokens(USUAL).build(), Outcome.success());
    }
  }

  private void refuse(String id, int count) {
    serve(tokens(count).allowedRegions(id).build(), Outcome.rejected());
  }

  private String next(int count) {
    return serve(tokens(count).build(), Outcome.success());
  }

  private boolean isOpen(String id, int count) {
    return router.explain(tokens(count).build()).verdicts().stream()
        .filter(verdict -> verdict.endpoint().id().equals(id))
        .allMatch(verdict -> verdict.removedBy().isEmpty());
  }

  @Test
  void whatIsTooLargeForAnEndpointGoesToOneThatMayTakeIt() {
    serveUsualOnes();
    assertThat(next(LARGE)).isEqualTo("small"); // which is the faster one, as far as is known

    refuse("small", LARGE + 1);

    assertThat(next(LARGE + 1)).isEqualTo("big");
    assertThat(isOpen("small", 10 * LARGE)).isFalse();
    assertThat(next(LARGE)).isEqualTo("small");
    assertThat(next(USUAL)).isEqualTo("small");
    assertIdle(router);
  }

  @Test
  void whatAllHaveRefusedIsTriedAllTheSame() {
    serveUsualOnes();
    refuse("small", LARGE);
    refuse("big", LARGE);

    assertThat(next(LARGE)).isEqualTo("small");
    assertThat(isOpen("big", LARGE)).as("now that the small one takes it").isFalse();
  }

  @Test
  void aWrongRequestOfUsualSizeClosesNothing() {
    serveUsualOnes();

    refuse("small", 3 * USUAL);

    assertThat(isOpen("small", 3 * USUAL)).isTrue();
    assertThat(isOpen("small", LARGE)).isTrue();
  }

  @Test
  void aWrongRequestNoLargerThanWhatWasTakenThereClosesNothing() {
    serveUsualOnes();
    assertThat(next(LARGE)).isEqualTo("small");

    refuse("small", LARGE);

    assertThat(isOpen("small", LARGE)).isTrue();
  }

  @Test
  void beforeItIsKnownWhatIsUsualNothingIsTooLarge() {
    serve(tokens(USUAL).build(), Outcome.success());

    refuse("small", LARGE);

    assertThat(isOpen("small", LARGE)).isTrue();
  }

  @Test
  void anEndpointThatWasRefusingIsTriedAgainAfterHalfAnHourOfRequests() {
    serveUsualOnes();
    refuse("small", LARGE);

    for (int minute = 0; minute < 29; minute++) {
      assertThat(isOpen("small", LARGE)).as("after %d min", minute).isFalse();
      for (int i = 0; i < 30; i++) {
        time.advance(Duration.ofSeconds(2));
        next(USUAL);
      }
    }
    for (int i = 0; i < 600; i++) { // the time between two requests may count as idle
      time.advance(Duration.ofSeconds(2));
      next(USUAL);
    }

    assertThat(isOpen("small", LARGE)).isTrue();
  }

  @Test
  void aChangeOfTheFleetForgetsNothingOfIt() {
    serveUsualOnes();
    refuse("small", LARGE);

    router.updateEndpoints(List.of(SMALL, BIG, gpu("new", 10)));

    assertThat(isOpen("small", LARGE)).isFalse();
    assertThat(next(LARGE)).isEqualTo("big");
  }

  @Test
  void whileTheOneThatTakesItIsFullItWaitsForThatInsteadOfBeingRefused() {
    InferenceRouter full =
        router(
            SMALL, Endpoint.builder("one", "http://one").region("one").maxConcurrency(1).build());
    for (int i = 0; i < 40; i++) {
      full.acquire(tokens(USUAL).build()).complete(Outcome.success());
    }
    full.acquire(tokens(LARGE).allowedRegions("small").build()).complete(Outcome.rejected());
    Lease running = full.acquire(tokens(LARGE).build());
    assertThat(running.endpoint().id()).isEqualTo("one");

    var waiting = full.acquireAsync(tokens(LARGE).build());

    assertThat(waiting).isNotDone();
    running.complete(Outcome.success());
    assertThat(waiting).isCompletedWithValueMatching(l -> l.endpoint().id().equals("one"));
    waiting.join().complete(Outcome.success());
    assertIdle(full);
  }

  @Test
  void theExplanationSaysSo() {
    serveUsualOnes();
    refuse("small", LARGE);

    Explanation explanation = router.explain(tokens(LARGE + 20).build());

    assertThat(explanation.verdicts().get(0).removedBy())
        .hasValue("input: " + (LARGE + 20) + ", has refused " + LARGE);
  }
}
