package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Candidates;
import io.inferencerouter.CostEstimator;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.Explanation;
import io.inferencerouter.FaultIsolated.Component;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.RouterListener;
import io.inferencerouter.Usage;
import io.inferencerouter.core.cost.CostEstimators;
import io.inferencerouter.core.testing.FixedEstimates;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultIsolationTest {
  private static final InferenceRequest REQUEST = InferenceRequest.forModel("m").build();

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();

  private InferenceRouter router(Consumer<InferenceRouters.Builder> settings) {
    InferenceRouters.Builder builder =
        InferenceRouters.builder()
            .endpoint(Endpoint.builder("a", "http://a").maxConcurrency(1).build())
            .endpoint(Endpoint.builder("b", "http://b").maxConcurrency(1).build())
            .ticker(time)
            .scheduler(time)
            .executor(Runnable::run)
            .listener(events);
    settings.accept(builder);
    return builder.build();
  }

  private void assertServesEverySlot(InferenceRouter router) {
    List<Lease> leases = new ArrayList<>();
    leases.add(router.acquire(REQUEST));
    leases.add(router.acquire(REQUEST));
    assertThatThrownBy(() -> router.acquire(REQUEST)).isInstanceOf(OverloadedException.class);
    leases.forEach(lease -> lease.complete(Outcome.success()));
    assertIdle(router);
  }

  @Test
  void aSelectorThatThrowsIsReplacedForTheRequest() {
    EndpointSelector throwing =
        (request, candidates) -> {
          throw new IllegalStateException("oops");
        };

    assertServesEverySlot(router(b -> b.selector(throwing)));
    assertThat(events.faults)
        .extracting(f -> f.component())
        .containsOnly(Component.ENDPOINT_SELECTOR);
    assertThat(events.faults.get(0).failure()).isPresent();
  }

  @Test
  void anErrorOfASelectorIsIsolatedToo() {
    EndpointSelector throwing =
        (request, candidates) -> {
          throw new StackOverflowError();
        };

    assertServesEverySlot(router(b -> b.selector(throwing)));
  }

  @ParameterizedTest
  @ValueSource(ints = {-2, 2, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void aSelectorThatReturnsNonsenseIsReplacedForTheRequest(int index) {
    assertServesEverySlot(router(b -> b.selector((request, candidates) -> index)));
    assertThat(events.faults.get(0).description())
        .contains("index: " + index + " (expected: 0 to 1");
  }

  @Test
  void aSelectorThatInsistsOnAFullEndpointIsOverruled() {
    assertServesEverySlot(router(b -> b.selector((request, candidates) -> 0)));
  }

  @Test
  void aSelectorMayWantNoneOfTheCandidates() {
    InferenceRouter router =
        router(b -> b.selector((request, candidates) -> EndpointSelector.NONE));

    assertThatThrownBy(() -> router.acquire(REQUEST)).isInstanceOf(OverloadedException.class);
  }

  @Test
  void aSelectorThatLooksOutsideOfTheCandidatesIsTold() {
    assertServesEverySlot(
        router(b -> b.selector((request, candidates) -> candidates.inFlight(candidates.size()))));
    assertThat(events.faults.get(0).failure())
        .hasValueSatisfying(e -> assertThat(e).isInstanceOf(IndexOutOfBoundsException.class));
  }

  /** A selector that does what it is told when it is asked to explain. */
  private static EndpointSelector explaining(Supplier<Map<String, Double>> terms) {
    return new EndpointSelector() {
      @Override
      public int select(InferenceRequest request, Candidates candidates) {
        return 1;
      }

      @Override
      public Map<String, Double> explain(
          InferenceRequest request, Candidates candidates, int index) {
        return terms.get();
      }
    };
  }

  static List<Supplier<Map<String, Double>>> termsThatCannotBeHad() {
    return List.of(
        () -> {
          throw new IllegalStateException("oops");
        },
        () -> {
          throw new StackOverflowError();
        },
        () -> Collections.singletonMap("wait", (Double) nothing()),
        () -> Collections.singletonMap((String) nothing(), 1.0),
        () -> {
          @SuppressWarnings("unchecked")
          Map<String, Double> none = (Map<String, Double>) nothing();
          return none;
        });
  }

  /** What code that knows no null check may return. */
  @SuppressWarnings("NullAway")
  private static Object nothing() {
    return null;
  }

  @ParameterizedTest
  @MethodSource("termsThatCannotBeHad")
  void aSelectorThatCannotExplainItselfLeavesAnExplanationWithoutTerms(
      Supplier<Map<String, Double>> terms) {
    InferenceRouter router = router(b -> b.selector(explaining(terms)));

    Explanation explanation = router.explain(REQUEST);

    assertThat(explanation.summary())
        .isEqualTo("b of 2 available (2 in all) would get a request for m.");
    assertThat(explanation.verdicts()).hasSize(2).allMatch(v -> v.terms().isEmpty());
    assertThat(events.faults).hasSize(1);
    assertThat(events.faults.get(0).component()).isEqualTo(Component.ENDPOINT_SELECTOR);
    assertThat(events.faults.get(0).failure()).isPresent();
  }

  @Test
  void aSelectorThatCannotNameItsUnitIsExplainedWithoutOne() {
    EndpointSelector unitless =
        new EndpointSelector() {
          @Override
          public int select(InferenceRequest request, Candidates candidates) {
            return 0;
          }

          @Override
          public Map<String, Double> explain(
              InferenceRequest request, Candidates candidates, int index) {
            return Map.of("load", 2.0);
          }

          @Override
          public String scoreUnit() {
            throw new IllegalStateException("oops");
          }
        };

    assertThat(router(b -> b.selector(unitless)).explain(REQUEST).summary())
        .startsWith("a of 2 available (2 in all) would get a request for m: 2.00");
    assertThat(events.faults).hasSize(1);
  }

  @Test
  void anExplanationNamesTheStandInsChoiceForASelectorThatThrows() {
    EndpointSelector throwing =
        (request, candidates) -> {
          throw new IllegalStateException("oops");
        };
    InferenceRouter router = router(b -> b.selector(throwing));
    Lease busy = router.acquire(REQUEST);
    events.faults.clear();

    Explanation explanation = router.explain(REQUEST);

    assertThat(explanation.chosen()).isPresent();
    assertThat(explanation.chosen().orElseThrow().id()).isNotEqualTo(busy.endpoint().id());
    assertThat(events.faults).hasSize(1);
    assertThat(events.faults.get(0).component()).isEqualTo(Component.ENDPOINT_SELECTOR);
  }

  @ParameterizedTest
  @ValueSource(ints = {-2, 2, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void anExplanationChoosesNoneForASelectorThatReturnsNonsense(int index) {
    Explanation explanation =
        router(b -> b.selector((request, candidates) -> index)).explain(REQUEST);

    assertThat(explanation.chosen()).isEmpty();
    assertThat(events.faults).hasSize(1);
    assertThat(events.faults.get(0).description())
        .contains("index: " + index + " (expected: 0 to 1");
  }

  @Test
  void anEstimatorThatThrowsLeavesTheRequestAtTheDefaultWork() {
    CostEstimator throwing =
        new CostEstimator() {
          @Override
          public double inputWork(InferenceRequest request) {
            throw new IllegalStateException("oops");
          }

          @Override
          public double outputWork(InferenceRequest request) {
            throw new IllegalStateException("oops");
          }
        };
    InferenceRouter router = router(b -> b.costEstimator(throwing));

    Lease lease = router.acquire(REQUEST);
    assertThat(router.snapshot().endpoint(lease.endpoint().id()).orElseThrow().reservedInput())
        .isEqualTo(Duration.ofMillis(100));
    lease.close();
    assertServesEverySlot(router);
    assertThat(events.faults).extracting(f -> f.component()).containsOnly(Component.COST_ESTIMATOR);
  }

  @Test
  void anEstimatorThatThrowsWhenItIsToldWhatARequestTookHarmsNothing() {
    CostEstimator throwing =
        new FixedEstimates(10, 10) {
          @Override
          public void settle(InferenceRequest request, Usage usage) {
            throw new StackOverflowError();
          }
        };
    InferenceRouter router = router(b -> b.costEstimator(throwing));

    assertThat(router.acquire(REQUEST).complete(Outcome.success().withUsage(Usage.of(20, 5))))
        .isTrue();

    assertServesEverySlot(router);
    assertThat(events.faults).extracting(f -> f.component()).containsOnly(Component.COST_ESTIMATOR);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        Double.NaN,
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        -1,
        Double.MAX_VALUE,
        0
      })
  void anEstimateThatIsNoSensibleNumberDoesNoHarm(double work) {
    assertServesEverySlot(router(b -> b.costEstimator(new FixedEstimates(work, work))));
  }

  @Test
  void aListenerThatThrowsHarmsNeitherTheRequestNorTheOtherListeners() {
    RouterListener throwing =
        new RouterListener() {
          @Override
          public void leaseAcquired(Lease lease) {
            throw new IllegalStateException("oops");
          }

          @Override
          public void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {
            throw new AssertionError("oops");
          }

          @Override
          public void endpointChanged(io.inferencerouter.EndpointChanged event) {
            throw new IllegalStateException("oops");
          }

          @Override
          public void faultIsolated(io.inferencerouter.FaultIsolated event) {
            throw new IllegalStateException("oops again");
          }
        };
    RecordingListener after = new RecordingListener();

    assertServesEverySlot(router(b -> b.listener(throwing).listener(throwing).listener(after)));
    assertThat(after.lines).contains("acquired a", "completed a SUCCESS 0", "a new>WARMING");
    assertThat(events.faults).extracting(f -> f.component()).containsOnly(Component.LISTENER);
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    InferenceRouters.Builder builder = InferenceRouters.builder();

    assertThatThrownBy(() -> builder.queueCapacity(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("queueCapacity: -1 (expected: 0 to 1000000)");
    assertThatThrownBy(() -> builder.maxQueueTime(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.maxQueueTime(Duration.ofDays(2)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CostEstimators.constant(Double.NaN, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("inputWork: NaN");
    assertThatThrownBy(() -> CoarseTicker.start(time, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> InferenceRouters.of(Endpoint.of("a", "http://a"), Endpoint.of("a", "http://b")))
        .isInstanceOf(IllegalArgumentException.class);
    InferenceRouter router = router(b -> {});
    assertThatThrownBy(() -> router.eject("a", Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> router.eject("unknown", Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> router.reinstate("unknown"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRouterWithoutEndpointsCanBeBuiltAndFilledLater() {
    InferenceRouter router = InferenceRouters.builder().scheduler(time).build();
    assertThatThrownBy(() -> router.acquire(REQUEST))
        .hasMessageStartingWith("endpoints: none (expected: at least one");

    router.updateEndpoints(List.of(Endpoint.of("a", "http://a")));

    router.acquire(REQUEST).close();
    assertIdle(router);
  }
}
