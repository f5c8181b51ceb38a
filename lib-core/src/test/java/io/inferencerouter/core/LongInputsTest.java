package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.Endpoint;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import io.inferencerouter.core.cost.CostEstimators;
import io.inferencerouter.core.cost.TextCostEstimator;
import io.inferencerouter.core.testing.FixedEstimates;
import io.inferencerouter.core.testing.VirtualGpu;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each unit of a text is compared with all before it, so a long one takes more than its share. */
class LongInputsTest {
  private static final int RATE = 1_000;

  /** So fast that the step of the first output is nothing beside an input. */
  private static final int OUTPUT_RATE = 10_000;

  /** The input whose units take twice as long as those of a short one. */
  private static final double DOUBLING = 10_000;

  private final VirtualTime time = new VirtualTime();

  private InferenceRouter router(CostEstimator estimator, Endpoint... endpoints) {
    SplittableRandom random = new SplittableRandom(7);
    return InferenceRouters.builder()
        .endpoints(List.of(endpoints))
        .costEstimator(estimator)
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .random(random::nextLong)
        .build();
  }

  private static CostEstimator text() {
    return TextCostEstimator.builder().doublingInput(DOUBLING).build();
  }

  private static Endpoint gpu(String id) {
    return Endpoint.builder(id, "http://" + id)
        .region(id)
        .profile(HardwareProfile.builder(RATE, OUTPUT_RATE).build())
        .build();
  }

  private static InferenceRequest.Builder tokens(long count) {
    return InferenceRequest.forModel("m").input(InputUnit.TOKENS, count).outputLimit(0);
  }

  private static double reservedSeconds(InferenceRouter router) {
    return router.snapshot().endpoint("gpu").orElseThrow().reservedInput().toNanos() * 1e-9;
  }

  @ParameterizedTest
  @CsvSource({"100, 0.10025", "1000, 1.025", "10000, 12.5", "40000, 80", "120000, 480"})
  void textTakesTwiceAsLongPerTokenAtFortyThousand(long tokens, double seconds) {
    InferenceRouter router = router(CostEstimators.text(), gpu("gpu"));

    Lease lease = router.acquire(tokens(tokens).build());

    assertThat(reservedSeconds(router)).isCloseTo(seconds, within(1e-5 * seconds));
    lease.close();
    assertIdle(router);
  }

  @ParameterizedTest
  @ValueSource(longs = {100, 10_000, 1_000_000})
  void whereTimeGoesWithSizeAloneItIsProportional(long tokens) {
    InferenceRouter router = router(CostEstimators.perUnit(InputUnit.TOKENS, 1, 0), gpu("gpu"));

    router.acquire(tokens(tokens).build());

    double seconds = (double) tokens / RATE;
    assertThat(reservedSeconds(router)).isCloseTo(seconds, within(1e-6 * seconds));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 10})
  void whatIsReadBehindACachedPartIsComparedWithThatToo(int cachedBlocks) {
    InferenceRouter router = router(text(), gpu("gpu"));
    long[] first = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    Lease before = router.acquire(tokens(20_000).prefixKeys(first).build());
    before.firstToken();
    before.complete(Outcome.success().withUsage(Usage.of(20_000, 0)));
    long[] keys = new long[10];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = i < cachedBlocks ? first[i] : 100 + i;
    }
    InferenceRequest request = tokens(20_000).prefixKeys(keys).build();

    // Half a block is what lies behind the last whole one.
    double cached = 20_000 * cachedBlocks / 10.5;
    double rest = 20_000 - cached;
    double reading = (rest + (rest * rest + 2 * rest * cached) / DOUBLING) / RATE;
    double whole = (20_000 + 20_000.0 * 20_000 / DOUBLING) / RATE;
    Map<String, Double> terms = router.explain(request).verdicts().get(0).terms();
    assertThat(terms.get("input") / 3).isCloseTo(whole, within(1e-3));
    assertThat(-terms.get("cached") / 3).isCloseTo(whole - reading, within(1e-3));
    router.acquire(request);
    assertThat(reservedSeconds(router)).isCloseTo(reading, within(1e-3));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoGetsTheLongInputsIsLearnedToBeAsFastAsItIs(boolean streaming) {
    InferenceRouter router = router(text(), gpu("long"), gpu("short"));
    Map<String, VirtualGpu> gpus =
        Map.of(
            "long", new VirtualGpu(time, RATE, OUTPUT_RATE, 0).withDoublingInput(DOUBLING),
            "short", new VirtualGpu(time, RATE, OUTPUT_RATE, 0).withDoublingInput(DOUBLING));
    SplittableRandom random = new SplittableRandom(3);
    int output = streaming ? 20 : 0; // a stream teaches with its first output
    for (int i = 0; i < 1_000; i++) {
      String id = i % 10 == 0 ? "long" : "short";
      long input = i % 10 == 0 ? random.nextInt(20_000, 40_000) : random.nextInt(50, 500);
      Lease lease =
          router.acquire(
              tokens(input).streaming(streaming).outputLimit(output).allowedRegions(id).build());
      VirtualGpu gpu = gpus.get(id);
      assertThat(gpu).isNotNull();
      gpu.serve(lease, input, output);
      time.advance(Duration.ofSeconds(20));
    }

    for (String id : gpus.keySet()) {
      assertThat(router.snapshot().endpoint(id).orElseThrow().models().get(0).secondsPerInputUnit())
          .as(id)
          .isCloseTo(1.0 / RATE, within(0.02 / RATE));
    }
    time.advance(Duration.ofMinutes(10));
    assertIdle(router);
  }

  @Test
  void oneLongInputWeighsMoreThanManyShortOnesOfTheSameSum() {
    InferenceRouter router = router(text(), gpu("a"), gpu("b"));
    String busy = router.acquire(tokens(10_000).build()).endpoint().id();

    for (int i = 0; i < 150; i++) { // 15 s of 20; in proportion it would be 10
      assertThat(router.acquire(tokens(100).build()).endpoint().id()).isNotEqualTo(busy);
    }
  }

  @Test
  void anExceptionalInputGoesToWhereFewAreHeldUpAndAUsualOneToWhereItIsReadFirst() {
    InferenceRouter router = router(text(), gpu("crowd"), gpu("other"));
    for (int i = 0; i < 100; i++) { // what is usual
      router.acquire(tokens(100).build()).complete(Outcome.success());
    }
    for (int i = 0; i < 4; i++) {
      router
          .acquire(tokens(1).outputLimit(100).streaming(true).allowedRegions("crowd").build())
          .firstToken();
    }
    router.acquire(tokens(2_000).allowedRegions("other").build()); // is being read

    assertThat(router.acquire(tokens(100).build()).endpoint().id()).isEqualTo("crowd");
    assertThat(router.acquire(tokens(5_000).build()).endpoint().id()).isEqualTo("other");
  }

  @Test
  void beforeItIsKnownWhatIsUsualNothingIsExceptional() {
    InferenceRouter router = router(text(), gpu("crowd"), gpu("other"));
    for (int i = 0; i < 4; i++) {
      router
          .acquire(tokens(1).outputLimit(100).streaming(true).allowedRegions("crowd").build())
          .firstToken();
    }
    router.acquire(tokens(2_000).allowedRegions("other").build());

    assertThat(router.acquire(tokens(5_000).build()).endpoint().id()).isEqualTo("crowd");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN})
  void aRouterIsNotBuiltOnInputsThatDoubleAtNothing(double doubling) {
    CostEstimator estimator =
        new FixedEstimates(1, 1) {
          @Override
          public double doublingInput() {
            return doubling;
          }
        };

    assertThatThrownBy(() -> router(estimator, gpu("gpu")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("doublingInput of the cost estimator: " + doubling + " (expected: above 0)");
  }
}
