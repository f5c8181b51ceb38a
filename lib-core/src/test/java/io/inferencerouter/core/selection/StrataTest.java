package io.inferencerouter.core.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.InferenceRouters;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The samples of one decision: each at random, together spread over all there is. */
class StrataTest {
  private static final int SAMPLES = 4;
  private static final int DECISIONS = 10_000;

  private final SplittableRandom random = new SplittableRandom(3);

  /** What each decision samples of endpoints with these weights. */
  private List<int[]> samples(double... weights) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (double weight : weights) {
      String id = "e" + endpoints.size();
      endpoints.add(Endpoint.builder(id, "http://" + id).weight(weight).build());
    }
    List<int[]> decisions = new ArrayList<>();
    InferenceRouter router =
        InferenceRouters.builder()
            .endpoints(endpoints)
            .random(random::nextLong)
            .selector(
                (request, candidates) -> {
                  int[] samples = new int[SAMPLES];
                  for (int i = 0; i < SAMPLES; i++) {
                    samples[i] = candidates.sample(i, SAMPLES);
                  }
                  decisions.add(samples);
                  return samples[0];
                })
            .build();
    for (int i = 0; i < DECISIONS; i++) {
      router.acquire(InferenceRequest.forAnyModel().build()).complete(Outcome.success());
    }
    router.close();
    return decisions;
  }

  private static long times(int index, int... samples) {
    long times = 0;
    for (int sample : samples) {
      times += sample == index ? 1 : 0;
    }
    return times;
  }

  @Test
  void whoHasHalfOfTheWeightIsNeitherMissedNorAllThatIsSampled() {
    List<int[]> decisions = samples(4, 1, 1, 1, 1);

    assertThat(decisions).allSatisfy(samples -> assertThat(times(0, samples)).isBetween(1L, 3L));
    assertThat(decisions.stream().mapToLong(samples -> times(0, samples)).average().orElse(0))
        .isCloseTo(2, within(0.05));
  }

  @Test
  void whoHasAQuarterOfTheWeightIsSampledTwiceAtMost() {
    assertThat(samples(1, 1, 1, 1))
        .allSatisfy(samples -> assertThat(times(0, samples)).isLessThanOrEqualTo(2));
  }

  @Test
  void everyPlaceInARowIsAsLikelyToSampleAnyOfThem() {
    List<int[]> decisions = samples(1, 1, 1, 1, 1, 1, 1, 1);

    for (int place = 0; place < SAMPLES; place++) {
      for (int index = 0; index < 8; index++) {
        int at = place;
        int which = index;
        long hits = decisions.stream().filter(samples -> samples[at] == which).count();
        assertThat(hits / (double) DECISIONS).isCloseTo(1.0 / 8, within(0.015));
      }
    }
  }
}
