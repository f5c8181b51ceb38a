package io.inferencerouter.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.Idle;
import io.inferencerouter.core.testing.VirtualGpu;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An endpoint that fails at once is always empty, and would draw all requests. */
class SinkholeTest {
  private static final int REQUESTS = 3_000;
  private static final Duration GAP = Duration.ofMillis(130);

  private final VirtualTime time = new VirtualTime();
  private final SplittableRandom arrivals = new SplittableRandom(8);
  private int failed;
  private int sessions;
  private final Map<String, VirtualGpu> gpus = new HashMap<>();

  @ParameterizedTest
  @MethodSource("io.inferencerouter.core.testing.AllSelectors#all")
  void anEndpointThatFailsFastGetsHardlyAnythingAndItsShareWhenItIsWell(EndpointSelector selector) {
    InferenceRouter router = router(selector, HealthPolicy.standard());
    int onFailing = send(router, true);
    assertThat(failed).isEqualTo(onFailing).isLessThan(REQUESTS / 25);

    time.advance(Duration.ofMinutes(5)); // the longest ejection
    send(router, false);
    failed = 0;
    assertThat(send(router, false)).isBetween(REQUESTS / 8, REQUESTS / 3);
    assertThat(failed).isZero();
    Idle.assertIdle(router);
  }

  @ParameterizedTest
  @MethodSource("io.inferencerouter.core.testing.AllSelectors#thatGoByLoad")
  void withoutEjectionTooItDrawsLessThanItsShareThoughItIsAlwaysEmpty(EndpointSelector selector) {
    InferenceRouter router = router(selector, HealthPolicy.none());

    assertThat(send(router, true)).isLessThan(REQUESTS / 8);
  }

  private InferenceRouter router(EndpointSelector selector, HealthPolicy health) {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 4; i++) {
      gpus.put("e" + i, new VirtualGpu(time, 2_500, 50, 0));
    }
    return InferenceRouters.builder()
        .selector(selector)
        .health(health)
        .endpoints(
            IntStream.range(0, 4)
                .mapToObj(
                    i ->
                        Endpoint.builder("e" + i, "http://e" + i)
                            .profile(HardwareProfile.builder(2_500, 50).parallelism(1).build())
                            .build())
                .toList())
        .ticker(time)
        .scheduler(time)
        .executor(Runnable::run)
        .random(random::nextLong)
        .build();
  }

  /** Sends requests that take 400 ms of a GPU, but on e0, if that fails, 1 ms. */
  private int send(InferenceRouter router, boolean failing) {
    int onFirst = 0;
    for (int i = 0; i < REQUESTS; i++) {
      Lease lease =
          router.acquire(
              InferenceRequest.forAnyModel()
                  .session("s" + sessions++)
                  .input(InputUnit.TOKENS, 1_000)
                  .outputLimit(0)
                  .build());
      boolean isFirst = lease.endpoint().id().equals("e0");
      onFirst += isFirst ? 1 : 0;
      if (isFirst && failing) {
        failed++;
        time.schedule(
            Duration.ofMillis(1), () -> assertThat(lease.complete(Outcome.serverFault())).isTrue());
      } else {
        gpus.get(lease.endpoint().id()).serve(lease, 1_000, 0);
      }
      time.advance(Duration.ofNanos((long) (-Math.log(1 - arrivals.nextDouble()) * GAP.toNanos())));
    }
    time.advance(Duration.ofMinutes(1));
    return onFirst;
  }
}
