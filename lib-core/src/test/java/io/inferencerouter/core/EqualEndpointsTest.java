package io.inferencerouter.core;

import static org.assertj.core.api.Assertions.assertThat;

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
 * becomes the one for the long ones.
 */
class EqualEndpointsTest {
  private final VirtualTime time = new VirtualTime();

  @ParameterizedTest
  @CsvSource({"2, 0.4", "4, 0.4", "4, 0.7", "8, 0.6"})
  void stayEqualInTheShareOfLongInputs(int size, double load) {
    Map<String, PrefillFirstGpu> gpus = new LinkedHashMap<>();
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      gpus.put("e" + i, new PrefillFirstGpu(time, 5_000, 50));
      endpoints.add(Fleets.gpu("e" + i, 5_000));
    }
    InferenceRouter router = Fleets.router(Selectors.predictedTime(), time, endpoints);
    SplittableRandom random = new SplittableRandom(17);
    double perSecond = load * size * 5_000 / (0.9 * 300 + 0.1 * 8_000);
    Map<String, Integer> longs = new LinkedHashMap<>();
    Map<String, Integer> shorts = new LinkedHashMap<>();
    for (int i = 0; i < 1_000 * size; i++) {
      boolean isLong = random.nextInt(10) == 0;
      long input = isLong ? 8_000 : 300;
      long output = isLong ? 30 : 200;
      Lease lease =
          router.acquire(
              InferenceRequest.forAnyModel()
                  .streaming(true)
                  .input(InputUnit.TOKENS, input)
                  .outputLimit(output)
                  .build());
      String id = lease.endpoint().id();
      (isLong ? longs : shorts).merge(id, 1, Integer::sum);
      PrefillFirstGpu gpu = gpus.get(id);
      assertThat(gpu).isNotNull();
      gpu.serve(lease, input, output);
      time.advance(Duration.ofNanos((long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9)));
    }

    assertThat("" + longs.toString() + shorts.toString()).isEmpty();
  }
}
