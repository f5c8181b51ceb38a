package io.inferencerouter.benchmarks.simulation.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Distributions are what their names say: moments and percentiles of many draws. */
class DrawsTest {
  private static final int MANY = 40_000;

  private static Sample sample(long seed, ToDoubleFunction<Draws> of) {
    Draws draws = Draws.seeded(seed);
    Sample sample = new Sample();
    for (int i = 0; i < MANY; i++) {
      sample.add(of.applyAsDouble(draws));
    }
    return sample;
  }

  private static Sample gaps(Arrivals arrivals, int count) {
    Arrivals.Times times = arrivals.begin(Draws.seeded(3));
    Sample gaps = new Sample();
    double last = 0;
    for (int i = 0; i < count; i++) {
      double next = times.nextSeconds();
      assertThat(next).isGreaterThanOrEqualTo(last);
      gaps.add(next - last);
      last = next;
    }
    return gaps;
  }

  /** Bits that must be the same on every Java. */
  @Test
  void aSeedGivesTheSameBitsEverywhere() {
    Draws draws = Draws.seeded(42);
    long bits = 17;
    for (int i = 0; i < 1_000; i++) {
      bits = 31 * bits + Double.doubleToLongBits(draws.normal());
      bits = 31 * bits + Double.doubleToLongBits(draws.exponential());
      bits = 31 * bits + Double.doubleToLongBits(draws.gamma(0.4));
      bits = 31 * bits + Double.doubleToLongBits(draws.gamma(3));
    }
    assertThat(bits).isEqualTo(BITS);
  }

  private static final long BITS = 2_635_082_342_206_938_081L;

  @Test
  void normalDrawsHaveMeanZeroAndDeviationOne() {
    Sample normal = sample(1, Draws::normal);
    assertThat(normal.mean()).isCloseTo(0, within(0.02));
    assertThat(normal.deviation()).isCloseTo(1, within(0.02));
    assertThat(normal.distribution().p95()).isCloseTo(1.645, within(0.04));
  }

  @Property(tries = 20)
  void gammaDrawsHaveTheirShapeForMeanAndVariance(
      @ForAll @DoubleRange(min = 0.2, max = 20) double shape) {
    Sample gamma = sample(2, draws -> draws.gamma(shape));
    assertThat(gamma.mean()).isCloseTo(shape, within(0.06 * shape));
    assertThat(gamma.deviation()).isCloseTo(Math.sqrt(shape), within(0.06 * Math.sqrt(shape)));
  }

  @Property(tries = 20)
  void logNormalSizesHaveTheirMedianAndMean(
      @ForAll @DoubleRange(min = 10, max = 5_000) double median,
      @ForAll @DoubleRange(min = 1.01, max = 2) double spread) {
    Sizes sizes = Sizes.logNormal(median, median * spread);
    Distribution drawn = sample(3, sizes::draw).distribution();
    assertThat(drawn.p50()).isCloseTo(median, within(0.04 * median));
    assertThat(drawn.mean()).isCloseTo(median * spread, within(0.08 * median * spread));
  }

  @Property(tries = 20)
  void paretoSizesStayBetweenTheirEndsAndFallByTheirExponent(
      @ForAll @DoubleRange(min = 0.5, max = 3) double exponent) {
    Sample drawn = sample(4, Sizes.boundedPareto(exponent, 10, 1e9)::draw);
    double above = 0;
    for (int i = 0; i < drawn.size(); i++) {
      assertThat(drawn.get(i)).isBetween(10.0, 1e9);
      above += drawn.get(i) > 20 ? 1.0 / MANY : 0;
    }
    assertThat(above).isCloseTo(Math.pow(2, -exponent), within(0.02));
  }

  @Test
  void percentilesAreMet() {
    Sizes sizes = Sizes.percentiles(0, 1, 0.5, 100, 0.95, 1_000, 0.99, 5_000, 1, 6_000);
    Distribution drawn = sample(5, sizes::draw).distribution();
    assertThat(drawn.p50()).isCloseTo(100, within(6.0));
    assertThat(drawn.p95()).isCloseTo(1_000, within(60.0));
    assertThat(drawn.p99()).isCloseTo(5_000, within(300.0));
    assertThat(drawn.max()).isLessThanOrEqualTo(6_000.0001);
  }

  @Test
  void mixturesAndBordersHold() {
    Sizes mixed = Sizes.mixture(0.1, Sizes.fixed(1_000), Sizes.fixed(1)).between(5, 500);
    Sample drawn = sample(6, mixed::draw);
    assertThat(drawn.mean()).isCloseTo(0.1 * 500 + 0.9 * 5, within(2.0));
  }

  @Property(tries = 20)
  void zipfFallsByItsExponent(
      @ForAll @IntRange(min = 2, max = 50) int count,
      @ForAll @DoubleRange(max = 2) double exponent) {
    Zipf zipf = new Zipf("things", count, exponent);
    int[] drawn = new int[count];
    Draws draws = Draws.seeded(7);
    for (int i = 0; i < MANY; i++) {
      drawn[zipf.draw(draws)]++;
    }
    double expected = drawn[0] * Math.pow(2, -exponent);
    assertThat((double) drawn[1]).isCloseTo(expected, within(6 * Math.sqrt(drawn[0])));
    assertThat(Arrays.stream(drawn).sum()).isEqualTo(MANY);
  }

  @Test
  void poissonGapsVaryAsMuchAsTheirMean() {
    Sample gaps = gaps(Arrivals.poisson(8), MANY);
    assertThat(gaps.mean()).isCloseTo(1.0 / 8, within(0.003));
    assertThat(gaps.variation()).isCloseTo(1, within(0.03));
  }

  @Property(tries = 10)
  void gammaGapsVaryAsTheyAreTold(@ForAll @DoubleRange(min = 0.2, max = 3) double variation) {
    Sample gaps = gaps(Arrivals.gamma(8, variation), MANY);
    assertThat(gaps.mean()).isCloseTo(1.0 / 8, within(0.012));
    assertThat(gaps.variation()).isCloseTo(variation, within(0.08 * variation));
  }

  @Test
  void burstsKeepTheMeanRateAndComeInClusters() {
    Sample gaps = gaps(Arrivals.bursts(20, 10, 2, 6), 200_000);
    assertThat(gaps.mean()).isCloseTo(1.0 / 20, within(0.004));
    assertThat(gaps.variation()).isGreaterThan(1.5);
  }

  @Test
  void aDayHasAsManyMoreByDayAsItsSwingSays() {
    Arrivals.Times times = Arrivals.diurnal(10, 0.6, 1_000).begin(Draws.seeded(8));
    int[] halves = new int[2];
    double now = times.nextSeconds();
    for (int i = 0; i < 1_000_000 && now < 10_000; i++) {
      halves[(int) (now / 500) % 2]++;
      now = times.nextSeconds();
    }
    // A sine is 2/π in the mean over its half.
    double expected = (1 + 0.6 * 2 / Math.PI) / (1 - 0.6 * 2 / Math.PI);
    assertThat((double) halves[0] / halves[1]).isCloseTo(expected, within(0.06));
    assertThat(halves[0] + halves[1]).isBetween(98_500, 101_500);
  }

  @Test
  void whatIsOutOfRangeIsNamed() {
    assertThatThrownBy(() -> Arrivals.poisson(0)).hasMessage("perSecond: 0.0 (expected: above 0)");
    assertThatThrownBy(() -> Arrivals.gamma(1, Double.NaN))
        .hasMessage("variation: NaN (expected: 0.1 to 20.0)");
    assertThatThrownBy(() -> Arrivals.diurnal(1, 1.5, 1))
        .hasMessage("swing: 1.5 (expected: 0.0 to 1.0)");
    assertThatThrownBy(() -> Sizes.logNormal(10, 9))
        .hasMessageStartingWith("mean: 9.0 (expected: 10.0");
    assertThatThrownBy(() -> Sizes.percentiles(0, 1, 0.5, 2))
        .hasMessageStartingWith("last share: 0.5");
    assertThatThrownBy(() -> Sizes.percentiles(0, 5, 1, 2)).hasMessageStartingWith("size: 2.0");
    assertThatThrownBy(() -> Sizes.boundedPareto(1, 10, 5)).hasMessageStartingWith("most: 5.0");
  }
}
