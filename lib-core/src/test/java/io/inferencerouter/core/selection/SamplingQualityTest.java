package io.inferencerouter.core.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.Fleets;
import io.inferencerouter.core.testing.VirtualGpu;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What sampling costs the callers: the same streams through a mixed fleet, once with all endpoints
 * looked at and once, as at rates that leave no time for that, with a sample.
 */
class SamplingQualityTest {
  private static final double[] INPUT_RATES = {5_000, 2_500, 1_600};
  private static final double[] OUTPUT_RATES = {80, 50, 35};
  private static final int REQUESTS = 6_000;

  /** The tail of one run is a matter of luck. */
  private static final int RUNS = 64;

  private record Waits(double mean, double p99) {}

  @ParameterizedTest
  @CsvSource({
    "9, 0.5, 1.15",
    "9, 0.8, 1.15",
    "12, 0.8, 1.15",
    "24, 0.5, 1.15",
    "24, 0.8, 1.15",
    "96, 0.8, 1.22"
  })
  void aSampleIsNearlyAsGoodAsAllOfThem(int size, double load, double tail) {
    Waits scanned = waits(new PredictedTimeSelector(1_000), size, load);
    Waits sampled = waits(asAtAHighRate(new PredictedTimeSelector()), size, load);

    assertThat(sampled.mean() / scanned.mean()).isLessThan(1.1);
    assertThat(sampled.p99() / scanned.p99()).isLessThan(tail);
  }

  /** The selector when there is never time to look at all: it has just been used up. */
  private static EndpointSelector asAtAHighRate(EndpointSelector selector) {
    return (request, candidates) -> {
      if (candidates.mayLookAtAll()) {
        assertThat(candidates.mayLookAtAll()).as("a second time").isFalse();
      }
      return selector.select(request, candidates);
    };
  }

  private static Waits waits(EndpointSelector selector, int size, double load) {
    List<Double> seconds = new ArrayList<>();
    for (int run = 0; run < RUNS; run++) {
      run(selector, size, load, new SplittableRandom(run), seconds);
    }
    double[] sorted = seconds.stream().mapToDouble(s -> s).toArray();
    Arrays.sort(sorted);
    assertThat(sorted).hasSize(RUNS * REQUESTS);
    return new Waits(
        Arrays.stream(sorted).average().orElseThrow(), sorted[(int) (sorted.length * 0.99)]);
  }

  private static void run(
      EndpointSelector selector,
      int size,
      double load,
      SplittableRandom seed,
      List<Double> seconds) {
    VirtualTime time = new VirtualTime();
    Map<String, VirtualGpu> gpus = new HashMap<>();
    List<Endpoint> endpoints = new ArrayList<>();
    double capacity = 0;
    for (int i = 0; i < size; i++) {
      double inputRate = INPUT_RATES[i % 3];
      double outputRate = OUTPUT_RATES[i % 3];
      capacity += inputRate;
      gpus.put("gpu" + i, new VirtualGpu(time, inputRate, outputRate, 0.02));
      endpoints.add(
          Endpoint.builder("gpu" + i, "http://gpu" + i)
              .profile(HardwareProfile.builder(inputRate, outputRate).build())
              .build());
    }
    SplittableRandom choices = seed.split();
    InferenceRouter router =
        InferenceRouters.builder()
            .endpoints(endpoints)
            .selector(selector)
            .costEstimator(Fleets.proportionalText())
            .ticker(time)
            .scheduler(time)
            .executor(Runnable::run)
            .random(choices::nextLong)
            .listener(
                new RouterListener() {
                  @Override
                  public void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {
                    seconds.add(elapsedNanos * 1e-9);
                  }
                })
            .build();
    SplittableRandom random = seed.split();
    double perSecond = load * capacity / 1_050;
    for (int i = 0; i < REQUESTS; i++) {
      long input = random.nextInt(100, 2_001);
      long output = random.nextInt(20, 200);
      Lease lease =
          router.acquire(
              InferenceRequest.forAnyModel()
                  .streaming(true)
                  .input(InputUnit.TOKENS, input)
                  .outputLimit(output)
                  .build());
      VirtualGpu gpu = gpus.get(lease.endpoint().id());
      assertThat(gpu).isNotNull();
      gpu.serve(lease, input, output);
      time.advance(Duration.ofNanos((long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9)));
    }
    time.advance(Duration.ofMinutes(10));
  }
}
