package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Explanation.Verdict;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.ModelSnapshot;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models that have to be loaded before they can answer. */
class ModelAffinityTest {
  private static final Duration LOAD = Duration.ofSeconds(20);
  private static final int RATE = 1_000;

  private final VirtualTime time = new VirtualTime();

  private static Endpoint.Builder gpu(String id, int parallelism) {
    return Endpoint.builder(id, "http://" + id)
        .region(id)
        .maxConcurrency(8)
        .profile(HardwareProfile.builder(RATE, 50).parallelism(parallelism).build());
  }

  private static Endpoint cold(String id, String... models) {
    return cold(gpu(id, 1), models);
  }

  private static Endpoint cold(Endpoint.Builder endpoint, String... models) {
    for (String model : models) {
      endpoint.model(ServedModel.builder(model).loadTime(LOAD).build());
    }
    return endpoint.build();
  }

  private static Endpoint warm(String id, String model) {
    return gpu(id, 1).model(model).build();
  }

  private InferenceRouter router(Endpoint... endpoints) {
    return Fleets.router(Selectors.predictedTime(), time, List.of(endpoints));
  }

  private static InferenceRequest.Builder request(String model, long tokens) {
    return InferenceRequest.forModel(model).input(InputUnit.TOKENS, tokens).outputLimit(0);
  }

  /** A request of one second. */
  private static InferenceRequest second(String model) {
    return request(model, RATE).build();
  }

  private static ModelSnapshot model(InferenceRouter router, String id, String model) {
    return router.snapshot().endpoint(id).orElseThrow().models().stream()
        .filter(m -> m.model().equals(model))
        .findFirst()
        .orElseThrow();
  }

  private static Duration reserved(InferenceRouter router, String id) {
    return router.snapshot().endpoint(id).orElseThrow().reservedInput();
  }

  private static double term(InferenceRouter router, String id, String model, String name) {
    return router.explain(second(model)).verdicts().stream()
        .filter(v -> v.endpoint().id().equals(id))
        .map(Verdict::terms)
        .mapToDouble(terms -> terms.get(name) / 3)
        .sum();
  }

  /** Answers a request of one second, after the load where it takes one. */
  private void serve(InferenceRouter router, String model, Duration took) {
    Lease lease = router.acquire(second(model));
    time.advance(took);
    assertThat(lease.complete(Outcome.success())).isTrue();
  }

  private void load(InferenceRouter router, String model) {
    serve(router, model, LOAD.plusSeconds(1));
  }

  @Test
  void anEndpointThatHasToLoadIsAvoidedUntilTheOthersAreBusyForLonger() {
    InferenceRouter router = router(cold("cold", "m"), warm("warm", "m"));
    router.acquire(request("m", 15 * RATE).allowedRegions("warm").build());

    assertThat(router.explain(second("m")).chosen()).map(Endpoint::id).contains("warm");
    router.acquire(request("m", 12 * RATE).allowedRegions("warm").build());
    assertThat(router.explain(second("m")).chosen()).map(Endpoint::id).contains("cold");
    assertThat(router.acquire(second("m")).endpoint().id()).isEqualTo("cold");
  }

  @Test
  void onlyTheLoaderPaysAndTheOthersWaitForIt() {
    InferenceRouter router = router(cold("cold", "m"));
    assertThat(term(router, "cold", "m", "load")).isCloseTo(20, within(1e-3));
    assertThat(term(router, "cold", "m", "wait")).isZero();

    Lease loader = router.acquire(second("m"));
    assertThat(reserved(router, "cold")).isEqualTo(Duration.ofSeconds(21));
    assertThat(term(router, "cold", "m", "load")).isZero();
    assertThat(term(router, "cold", "m", "wait")).isCloseTo(21, within(1e-3));
    Lease follower = router.acquire(second("m"));
    assertThat(reserved(router, "cold")).isEqualTo(Duration.ofSeconds(22));

    loader.close();
    follower.close();
    assertIdle(router);
  }

  @Test
  void theyWaitWhereInputsAreReadSideBySideAsWell() {
    InferenceRouter router = router(cold(gpu("cold", 4), "m"));
    router.acquire(second("m"));

    double wait = term(router, "cold", "m", "wait") + term(router, "cold", "m", "load");

    assertThat(wait).isBetween(20.0, 22.0);
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.Kind.class,
      names = {"CANCELLED", "SERVER_FAULT"})
  void aLoaderThatEndsWithoutAnAnswerLeavesTheModelAbsent(Outcome.Kind kind) {
    InferenceRouter router = router(cold("cold", "m"));
    Outcome outcome = kind == Outcome.Kind.CANCELLED ? Outcome.cancelled() : Outcome.serverFault();

    router.acquire(second("m")).complete(outcome);
    assertThat(model(router, "cold", "m").resident()).isFalse();
    router.acquire(second("m"));

    assertThat(reserved(router, "cold")).isEqualTo(Duration.ofSeconds(21));
  }

  @Test
  void aModelIsResidentAfterItsFirstAnswer() {
    InferenceRouter router = router(cold("cold", "m"));
    load(router, "m");

    assertThat(model(router, "cold", "m").resident()).isTrue();
    assertThat(term(router, "cold", "m", "load")).isZero();
    router.acquire(second("m"));
    assertThat(reserved(router, "cold")).isBetween(Duration.ofMillis(990), Duration.ofMillis(1010));
  }

  @Test
  void aStreamProvesTheModelWithItsFirstOutputWhateverComesThen() {
    InferenceRouter router = router(cold("cold", "m"));
    Lease stream = router.acquire(request("m", RATE).streaming(true).build());
    time.advance(LOAD);
    stream.firstToken();

    assertThat(model(router, "cold", "m").resident()).isTrue();
    stream.complete(Outcome.serverFault());
    assertThat(model(router, "cold", "m").resident()).isTrue();
  }

  @Test
  void aStreamThatSucceedsWithoutOutputProvesTheModelToo() {
    InferenceRouter router = router(cold("cold", "m"));
    Lease stream = router.acquire(request("m", RATE).streaming(true).build());
    time.advance(LOAD);
    stream.complete(Outcome.success());

    assertThat(model(router, "cold", "m").resident()).isTrue();
  }

  @Test
  void howLongALoadReallyTookIsLearned() {
    InferenceRouter router = router(cold("cold", "m"));
    assertThat(model(router, "cold", "m").loadTime()).isEqualTo(LOAD);

    serve(router, "m", Duration.ofSeconds(41));

    assertThat(model(router, "cold", "m").loadTime().toMillis() / 1e3).isCloseTo(30, within(0.1));
  }

  @Test
  void aLoadTeachesNothingOfTheSpeedToTheLoaderNorToThoseBehindIt() {
    for (int parallelism : new int[] {1, 4}) {
      InferenceRouter router = router(cold(gpu("cold", parallelism), "m"));
      Lease loader = router.acquire(second("m"));
      time.advance(Duration.ofSeconds(19));
      List<Lease> followers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        followers.add(router.acquire(second("m")));
      }
      time.advance(Duration.ofSeconds(2));
      loader.complete(Outcome.success());
      for (Lease follower : followers) {
        time.advance(Duration.ofSeconds(1));
        follower.complete(Outcome.success());
      }

      assertThat(model(router, "cold", "m").secondsPerInputUnit())
          .as("parallelism %d", parallelism)
          .isCloseTo(1.0 / RATE, within(0.1 / RATE));
    }
  }

  @Test
  void theModelThatWasNotAskedForLongestMakesRoom() {
    InferenceRouter router = router(cold(gpu("gpu", 1).maxResidentModels(2), "a", "b", "c"));
    load(router, "a");
    load(router, "b");
    serve(router, "a", Duration.ofSeconds(1));
    load(router, "c");

    assertThat(resident(router)).containsExactly("a", "c");
    load(router, "b");
    assertThat(resident(router)).containsExactly("b", "c");
  }

  @Test
  void modelsThatAreLoadedAtTheSameTimeDoNotExceedTheLimit() {
    InferenceRouter router = router(cold(gpu("gpu", 1).maxResidentModels(1), "a", "b"));
    Lease a = router.acquire(second("a"));
    Lease b = router.acquire(second("b"));
    time.advance(LOAD);
    a.complete(Outcome.success());
    assertThat(resident(router)).containsExactly("a");
    time.advance(LOAD);
    b.complete(Outcome.success());

    assertThat(resident(router)).containsExactly("b");
  }

  private static List<String> resident(InferenceRouter router) {
    return router.snapshot().endpoint("gpu").orElseThrow().models().stream()
        .filter(ModelSnapshot::resident)
        .map(ModelSnapshot::model)
        .toList();
  }

  @Test
  void anEndpointThatComesBackIsCold() {
    Endpoint cold = cold("cold", "m");
    InferenceRouter router = router(cold);
    load(router, "m");
    router.drain("cold").join();
    router.updateEndpoints(List.of(cold));
    assertThat(model(router, "cold", "m").resident()).isFalse();

    load(router, "m");
    Lease last = router.acquire(second("m"));
    CompletableFuture<Void> drain = router.drain("cold");
    router.updateEndpoints(List.of(cold));
    assertThat(drain).isCompletedExceptionally();
    assertThat(model(router, "cold", "m").resident()).isFalse();
    last.close();

    load(router, "m");
    router.eject("cold", Duration.ofMinutes(1));
    router.reinstate("cold");
    assertThat(model(router, "cold", "m").resident()).isFalse();
  }

  @Test
  void aLoadTimeThatIsDeclaredLaterCounts() {
    InferenceRouter router = router(warm("gpu", "m"));
    assertThat(model(router, "gpu", "m").resident()).isTrue();

    router.updateEndpoints(List.of(cold("gpu", "m")));
    assertThat(model(router, "gpu", "m").resident()).isFalse();
    assertThat(term(router, "gpu", "m", "load")).isCloseTo(20, within(1e-3));
    load(router, "m");
    router.updateEndpoints(List.of(cold("gpu", "m").toBuilder().weight(2).build()));
    assertThat(model(router, "gpu", "m").resident()).as("as learned").isTrue();
    router.updateEndpoints(List.of(warm("gpu", "m")));
    assertThat(model(router, "gpu", "m").loadTime()).isZero();
    assertThat(model(router, "gpu", "m").resident()).isTrue();
  }

  @Test
  void anEndpointThatDoesNotDeclareTheModelNeverGetsIt() {
    InferenceRouter router = router(cold("cold", "m"), warm("idle", "other"));
    for (int i = 0; i < 8; i++) {
      assertThat(router.acquire(second("m")).endpoint().id()).isEqualTo("cold");
    }

    assertThatThrownBy(() -> router.acquire(second("m"))).isInstanceOf(OverloadedException.class);
    assertThat(router.snapshot().endpoint("idle").orElseThrow().inFlight()).isZero();
  }

  @Test
  void theModelsOfAnEndpointAreThoseItDeclaresInThatOrder() {
    InferenceRouter router =
        router(cold(gpu("gpu", 1), "b", "a"), Endpoint.of("any", "http://any"));

    assertThat(router.snapshot().endpoint("gpu").orElseThrow().models())
        .extracting(ModelSnapshot::model)
        .containsExactly("b", "a");
    assertThat(router.snapshot().endpoint("any").orElseThrow().models())
        .extracting(ModelSnapshot::model)
        .containsExactly("");
    assertThat(model(router, "gpu", "a").secondsPerInputUnit()).isCloseTo(1e-3, within(1e-9));
    assertThat(model(router, "gpu", "a").secondsPerOutputUnit()).isCloseTo(0.02, within(1e-6));
    assertThat(model(router, "gpu", "a").inputObservations()).isZero();
  }

  @Test
  void whatWasObservedIsCountedForTheModelAlone() {
    InferenceRouter router = router(cold("gpu", "a", "b"));
    load(router, "a");
    serve(router, "a", Duration.ofSeconds(1));

    assertThat(model(router, "gpu", "a").inputObservations()).isCloseTo(1, within(0.05));
    assertThat(model(router, "gpu", "b").inputObservations()).isZero();
  }
}
