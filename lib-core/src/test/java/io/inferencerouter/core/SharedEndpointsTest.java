package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.PrefillFirstGpu;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Several routers that know nothing of each other, before the same endpoints, and a few inputs that
 * occupy an endpoint for many seconds.
 */
class SharedEndpointsTest {
  private static final int RATE = 5_000;
  private static final int SHORT = 300;
  private static final int LONG = 50_000;
  private static final int ONE_LONG_IN = 200;
  private static final int OUTPUT = 5;
  private static final int REQUESTS = 12_000;
  private static final int WARM_UP = REQUESTS / 4;

  private final VirtualTime time = new VirtualTime();
  private final Map<String, PrefillFirstGpu> gpus = new LinkedHashMap<>();
  private final List<InferenceRouter> routers = new ArrayList<>();
  private final Map<String, Integer> longs = new TreeMap<>();
  private int sent;
  private int stuck;

  /** So many routers, each with an order of its own. */
  private void set(int routerCount, int size) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      String id = "gpu-" + i;
      gpus.put(id, new PrefillFirstGpu(time, RATE, 50));
      longs.put(id, 0);
      endpoints.add(Fleets.gpu(id, RATE).toBuilder().maxConcurrency(8_192).build());
    }
    for (int i = 0; i < routerCount; i++) {
      SplittableRandom random = new SplittableRandom(i);
      Collections.shuffle(endpoints, new Random(i));
      routers.add(
          InferenceRouters.builder()
              .slowStart(SlowStart.none())
              .endpoints(List.copyOf(endpoints))
              .costEstimator(Fleets.proportionalText())
              .ticker(time)
              .scheduler(time)
              .executor(Runnable::run)
              .random(random::nextLong)
              .build());
    }
  }

  private static InferenceRequest tokens(long count) {
    return InferenceRequest.forAnyModel()
        .streaming(true)
        .input(InputUnit.TOKENS, count)
        .outputLimit(OUTPUT)
        .build();
  }

  /** Serves requests at that load, each from any router; what comes late is counted. */
  private void serve(double load, int longInput) {
    SplittableRandom random = new SplittableRandom(17);
    double mean = SHORT + (longInput - SHORT) / (double) ONE_LONG_IN;
    double perSecond = load * gpus.size() * RATE / mean;
    for (int i = 0; i < REQUESTS; i++) {
      boolean isLong = random.nextInt(ONE_LONG_IN) == 0;
      int input = isLong ? longInput : SHORT;
      Lease lease = routers.get(random.nextInt(routers.size())).acquire(tokens(input));
      String id = lease.endpoint().id();
      PrefillFirstGpu gpu = gpus.get(id);
      assertThat(gpu).isNotNull();
      gpu.serve(lease, input, OUTPUT);
      if (i >= WARM_UP && isLong) {
        longs.merge(id, 1, Integer::sum);
      } else if (i >= WARM_UP) {
        sent++;
        time.schedule(
            Duration.ofSeconds(2),
            () -> {
              if (!lease.isComplete()) {
                stuck++;
              }
            });
      }
      time.advance(Duration.ofNanos((long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9)));
    }
    time.advance(Duration.ofHours(1));
    routers.forEach(router -> assertIdle(router));
  }

  /** What is expected to be ahead of a short request when nothing is, in times of reading it. */
  private double meanWait(InferenceRouter router) {
    return router.explain(tokens(SHORT)).verdicts().stream()
        .mapToDouble(verdict -> verdict.terms().get("wait") / verdict.terms().get("input"))
        .average()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({"8, 4, 0.3", "16, 8, 0.3", "16, 8, 0.6"})
  void hardlyAnyRequestGetsStuckBehindTheLongInputsOfOthers(int count, int size, double load) {
    set(count, size);

    serve(load, LONG);

    // Without an agreement it is 2 to 5 %
    assertThat(stuck).isLessThan(sent / 100);
  }

  @Test
  void allRoutersSendLongInputsToTheSameHalf() {
    set(16, 8);

    serve(0.4, LONG);

    List<Integer> counts = longs.values().stream().sorted().toList();
    assertThat(counts.subList(0, 4).stream().mapToInt(n -> n).sum()).as("%s", longs).isLessThan(4);
    assertThat(counts.subList(4, 8)).as("%s", longs).allSatisfy(n -> assertThat(n).isPositive());
  }

  @Test
  void aRouterThatIsAloneExpectsNothingThatItDoesNotKnowOf() {
    set(1, 4);

    serve(0.6, LONG);

    assertThat(meanWait(routers.get(0))).isZero();
    assertThat(longs.values()).as("%s", longs).allSatisfy(n -> assertThat(n).isPositive());
  }

  @Test
  void whereNoInputIsExceptionalHardlyAnythingIsExpected() {
    set(16, 8);

    serve(0.7, 12 * SHORT);

    double mean = routers.stream().mapToDouble(this::meanWait).average().orElseThrow();
    assertThat(mean).isLessThan(0.05);
  }
}
