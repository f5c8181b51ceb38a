package io.inferencerouter.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class WeightedTurnsTest {
  private static int[] counts(int[] cycle, int size) {
    int[] counts = new int[size];
    for (int index : cycle) {
      counts[index]++;
    }
    return counts;
  }

  /**
   * The largest distance of any candidate from its share after any number of turns, in turns. A
   * window is the difference of two such numbers of turns, so it is off by less than twice that.
   */
  private static double farthest(int[] cycle, int size) {
    int[] turns = counts(cycle, size);
    int[] taken = new int[size];
    double farthest = 0;
    for (int t = 0; t < cycle.length; t++) {
      taken[cycle[t]]++;
      for (int i = 0; i < size; i++) {
        double share = (double) turns[i] * (t + 1) / cycle.length;
        farthest = Math.max(farthest, Math.abs(taken[i] - share));
      }
    }
    return farthest;
  }

  @Provide
  Arbitrary<double[]> wholeWeights() {
    return Arbitraries.integers()
        .between(1, 40)
        .map(i -> (double) i)
        .array(Double[].class)
        .ofMinSize(1)
        .ofMaxSize(30)
        .map(weights -> Arrays.stream(weights).mapToDouble(w -> w).toArray());
  }

  @Property(tries = 300)
  void noCandidateIsEverAWholeTurnFromItsShare(@ForAll("wholeWeights") double[] weights) {
    int[] cycle = new WeightedTurns(weights).prepared();

    assertThat(farthest(cycle, weights.length)).isLessThan(1);
  }

  @Property(tries = 100)
  void inNoWindowACandidateHasTwoTurnsMoreOrFewerThanItsShare(
      @ForAll("wholeWeights") double[] weights) {
    WeightedTurns turns = new WeightedTurns(weights);
    int length = turns.cycle();
    double[] share = new double[weights.length];
    int[] all = counts(turns.prepared(), weights.length);
    for (int i = 0; i < share.length; i++) {
      share[i] = (double) all[i] / length;
    }
    for (int start = 0; start < length; start += 1 + length / 20) {
      int[] taken = new int[weights.length];
      for (int turn = 1; turn <= length; turn++) {
        int index = turns.at(start + turn - 1);
        taken[index]++;
        assertThat(Math.abs(taken[index] - share[index] * turn)).isLessThan(2);
      }
      assertThat(taken).isEqualTo(all);
    }
  }

  @Property(tries = 300)
  void wholeWeightsAreTheNumbersOfTurnsUpToACommonFactor(@ForAll("wholeWeights") double[] weights) {
    int[] counts = counts(new WeightedTurns(weights).prepared(), weights.length);

    for (int i = 0; i < weights.length; i++) {
      assertThat(counts[i] * weights[0]).isCloseTo(counts[0] * weights[i], within(1e-9));
    }
  }

  @Test
  void equalWeightsTakeTurnsInOrder() {
    assertThat(new WeightedTurns(new double[] {0.3, 0.3, 0.3, 0.3}).prepared())
        .containsExactly(0, 1, 2, 3);
  }

  @Test
  void fractionsHaveAShortCycleWhereThereIsOne() {
    assertThat(new WeightedTurns(new double[] {0.5, 1.5, 1}).cycle()).isEqualTo(6);
    assertThat(new WeightedTurns(new double[] {0.8, 1, 1.3}).cycle()).isEqualTo(31);
    assertThat(new WeightedTurns(new double[] {0.1, 0.2, 0.3}).cycle()).isEqualTo(6);
  }

  @Test
  void weightsWithoutACommonMeasureAreMetWithinHalfAPercent() {
    SplittableRandom random = new SplittableRandom(3);
    double[] weights = random.doubles(50, 0.5, 8).toArray();
    int[] cycle = new WeightedTurns(weights).prepared();
    int[] counts = counts(cycle, weights.length);
    double total = Arrays.stream(weights).sum();

    for (int i = 0; i < weights.length; i++) {
      double share = weights[i] / total * cycle.length;
      assertThat((double) counts[i]).isCloseTo(share, within(0.01 * share));
    }
    assertThat(farthest(cycle, weights.length)).isLessThan(1);
  }

  @Test
  void aThousandCandidatesKeepTheBound() {
    SplittableRandom random = new SplittableRandom(4);
    double[] weights = random.ints(1_024, 1, 9).mapToDouble(w -> w).toArray();
    int[] cycle = new WeightedTurns(weights).prepared();

    assertThat(cycle).hasSize((int) Arrays.stream(weights).sum());
    assertThat(farthest(cycle, weights.length)).isLessThan(1);
  }

  @Test
  void theCycleStaysBoundedHoweverFarWeightsAreApart() {
    int[] cycle = new WeightedTurns(new double[] {1e-6, 1e6, 1}).prepared();

    assertThat(cycle.length).isLessThanOrEqualTo(WeightedTurns.MAX_CYCLE + 3);
    assertThat(counts(cycle, 3)).contains(1, 1);
  }

  @Test
  void aRotationGoesOnWhereAnyCounterWouldOverflow() {
    for (long first : new long[] {-1, Long.MAX_VALUE, 2L * Integer.MAX_VALUE - 2}) {
      WeightedTurns turns = new WeightedTurns(new double[] {3, 1, 2});
      Rotation rotation = new Rotation(first);
      int start = (int) Long.remainderUnsigned(first >>> 1, 6);
      for (int turn = 0; turn < 20; turn++) {
        int expected = turns.prepared()[(start + turn) % 6];
        assertThat(rotation.peek(turns, 0)).isEqualTo(expected);
        assertThat(rotation.next(turns)).isEqualTo(expected);
      }
    }
  }
}
