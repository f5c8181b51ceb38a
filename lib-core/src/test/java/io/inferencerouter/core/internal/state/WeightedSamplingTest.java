package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class WeightedSamplingTest {
  private static WeightedSampling sampling(List<Double> weights) {
    return new WeightedSampling(weights.stream().mapToDouble(weight -> weight).toArray());
  }

  @Provide
  Arbitrary<List<Double>> weights() {
    return Arbitraries.doubles().between(0.01, 100).list().ofMinSize(1).ofMaxSize(60);
  }

  @Property(tries = 200)
  void everyPointBelongsToTheCandidateWhoseWeightItFallsInto(
      @ForAll("weights") List<Double> weights, @ForAll long seed) {
    WeightedSampling sampling = sampling(weights);
    double total = weights.stream().mapToDouble(w -> w).sum();
    SplittableRandom random = new SplittableRandom(seed);
    for (int draw = 0; draw < 100; draw++) {
      int point = random.nextInt(WeightedSampling.LENGTH);
      int index = sampling.at(point);
      double share = (double) point / WeightedSampling.LENGTH * total;
      double before = weights.subList(0, index).stream().mapToDouble(w -> w).sum();
      assertThat(share)
          .isBetween(before - total * 1e-7, before + weights.get(index) + total * 1e-7);
    }
  }

  @Property(tries = 200)
  void bothEndsOfTheLineAreCovered(@ForAll("weights") List<Double> weights) {
    WeightedSampling sampling = sampling(weights);

    assertThat(sampling.at(0)).isZero();
    assertThat(sampling.at(WeightedSampling.LENGTH - 1)).isEqualTo(weights.size() - 1);
  }
}
