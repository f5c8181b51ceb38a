package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.PrefillFirstGpu;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Equal endpoints that stop generating while they read, and requests of very different size: none
 * becomes the one for long inputs, and none the one for short ones.
 */
class EqualEndpointsTest {
  private static final int RATE = 5_000;

  private final VirtualTime time = new VirtualTime();

  @ParameterizedTest
  @CsvSource({
    "2, 0.3, 8000",
    "4, 0.5, 8000",
    "4, 0.7, 8000",
    "8, 0.5, 8000",
    "2, 0.7, 16000",
    "8, 0.7, 16000"
  })
  void stayEqual(int size, double load, long longInput) {
    Map<String, PrefillFirstGpu> gpus = new LinkedHashMap<>();
    Map<String, Integer> longs = new LinkedHashMap<>();
    Map<String, Integer> shorts = new LinkedHashMap<>();
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      String id = "e" + i;
      gpus.put(id, new PrefillFirstGpu(time, RATE, 50));
      longs.put(id, 0);
      shorts.put(id, 0);
      endpoints.add(Fleets.gpu(id, RATE).toBuilder().maxConcurrency(8_192).build());
    }
    InferenceRouter router = Fleets.router(Selectors.predictedTime(), time, endpoints);
    SplittableRandom random = new SplittableRandom(17);
    double perSecond = load * size * RATE / (0.9 * 300 + 0.1 * longInput);
    for (int i = 0; i < 1_000 * size; i++) {
      boolean isLong = random.nextInt(10) == 0;
      long input = isLong ? longInput : 300;
      Lease lease =
          router.acquire(
              InferenceRequest.forAnyModel()
                  .streaming(true)
                  .input(InputUnit.TOKENS, input)
                  .outputLimit(200)
                  .build());
      String id = lease.endpoint().id();
      (isLong ? longs : shorts).merge(id, 1, Integer::sum);
      PrefillFirstGpu gpu = gpus.get(id);
      assertThat(gpu).isNotNull();
      gpu.serve(lease, input, 200);
      time.advance(Duration.ofNanos((long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9)));
    }

    assertEqual(longs, 25);
    assertEqual(shorts, 50);
    time.advance(Duration.ofHours(1));
    assertIdle(router);
  }

  private static void assertEqual(Map<String, Integer> counts, int percent) {
    double mean = counts.values().stream().mapToInt(n -> n).average().orElseThrow();
    assertThat(counts.values())
        .as("%s", counts)
        .allSatisfy(n -> assertThat((double) n).isCloseTo(mean, withinPercentage(percent)));
  }
}
