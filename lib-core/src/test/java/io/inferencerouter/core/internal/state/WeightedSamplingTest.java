package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class WeightedSamplingTest {
  private static final int STEP = 1 << 10;
  private static final int POINTS = WeightedSampling.LENGTH / STEP;

  private static WeightedSampling sampling(List<Double> weights) {
    return new WeightedSampling(weights.stream().mapToDouble(weight -> weight).toArray());
  }

  @Provide
  Arbitrary<List<Double>> weights() {
    return Arbitraries.doubles().between(0.01, 100).list().ofMinSize(1).ofMaxSize(200);
  }

  @Property(tries = 100)
  void everyCandidateHasItsShareOfThePoints(@ForAll("weights") List<Double> weights) {
    WeightedSampling sampling = sampling(weights);
    double[] drawn = new double[weights.size()];
    for (int i = 0; i < POINTS; i++) {
      drawn[sampling.at(i * STEP + STEP / 2)]++;
    }
    double total = weights.stream().mapToDouble(w -> w).sum();
    for (int i = 0; i < drawn.length; i++) {
      assertThat(drawn[i] / POINTS).isCloseTo(weights.get(i) / total, within(5e-4));
    }
  }

  @Property(tries = 1000)
  void whatBelongsToOneCandidateLiesSideBySide(@ForAll("weights") List<Double> weights) {
    WeightedSampling sampling = sampling(weights);
    int columns = Math.max(64, Integer.highestOneBit(2 * weights.size() - 1));
    int height = WeightedSampling.LENGTH / columns;
    int[] lastColumn = new int[weights.size()];
    Arrays.fill(lastColumn, -1);
    for (int column = 0; column < columns; column++) {
      // A column has two parts at most, so its ends tell both, however thin they are.
      for (int point : new int[] {column * height, column * height + height - 1}) {
        int candidate = sampling.at(point);
        if (lastColumn[candidate] >= 0) {
          assertThat(column - lastColumn[candidate]).isLessThanOrEqualTo(1);
        }
        lastColumn[candidate] = column;
      }
    }
  }

  @Property(tries = 50)
  void equalCandidatesAreMetInTheirOrder(@ForAll @IntRange(min = 1, max = 500) int size) {
    double[] weights = new double[size];
    Arrays.fill(weights, 3);
    WeightedSampling sampling = new WeightedSampling(weights);

    List<Integer> met =
        IntStream.range(0, POINTS).map(i -> sampling.at(i * STEP)).distinct().boxed().toList();

    assertThat(met).hasSize(size);
  }

  @Example
  void aCandidateOfHardlyAnyWeightHasAPoint() {
    WeightedSampling sampling = new WeightedSampling(new double[] {1e-300, 1, 1e300});

    assertThat(sampling.at(0)).isZero();
    assertThat(sampling.at(1)).isEqualTo(2);
  }

  @Example
  void moreCandidatesThanItCanTellApartAreRefused() {
    assertThatThrownBy(() -> new WeightedSampling(new double[WeightedSampling.MAX_SIZE + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("candidates: 1048577 (expected: at most 1048576)");
  }
}
