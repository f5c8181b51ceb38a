package io.inferencerouter.benchmarks.simulation.workload;

/**
 * A distribution of sizes: of tokens, turns, images, or times. Whoever draws whole numbers rounds,
 * to at least 1. Immutable.
 */
public final class Sizes {
  private interface Source {
    double draw(Draws draws);
  }

  private final Source source;

  private Sizes(Source source) {
    this.source = source;
  }

  /** Always the same, 0 or more. */
  public static Sizes fixed(double size) {
    Expect.within("size", size, 0, Double.MAX_VALUE);
    return new Sizes(draws -> size);
  }

  /**
   * Log-normal, by its median and its mean: the further the mean is above the median, the longer
   * the tail.
   */
  public static Sizes logNormal(double median, double mean) {
    Expect.positive("median", median);
    Expect.within("mean", mean, median, Double.MAX_VALUE);
    double location = StrictMath.log(median);
    double deviation = StrictMath.sqrt(2 * (StrictMath.log(mean) - location));
    return new Sizes(draws -> StrictMath.exp(location + deviation * draws.normal()));
  }

  /**
   * Heavy-tailed: a Pareto distribution cut at both ends. The share of sizes above x falls as
   * x^-exponent, so that with an exponent near 1 the few largest are most of the work.
   */
  public static Sizes boundedPareto(double exponent, double least, double most) {
    Expect.within("exponent", exponent, 0.05, 20);
    Expect.positive("least", least);
    Expect.within("most", most, least, Double.MAX_VALUE);
    double kept = 1 - StrictMath.pow(least / most, exponent);
    return new Sizes(
        draws -> Math.min(most, least * StrictMath.pow(1 - draws.uniform() * kept, -1 / exponent)));
  }

  /**
   * The distribution with these percentiles, given as share, size, share, size …, from share 0 to
   * share 1, sizes above 0 and neither ever falling. Between two of them the logarithm of the size
   * is uniform.
   */
  public static Sizes percentiles(double... sharesAndSizes) {
    int count = sharesAndSizes.length / 2;
    Expect.within("shares and sizes", sharesAndSizes.length, 4, 1_000);
    double[] shares = new double[count];
    double[] logs = new double[count];
    for (int i = 0; i < count; i++) {
      shares[i] =
          Expect.within("share", sharesAndSizes[2 * i], i == 0 ? 0 : shares[i - 1], i == 0 ? 0 : 1);
      double size = Expect.positive("size", sharesAndSizes[2 * i + 1]);
      logs[i] = StrictMath.log(size);
      if (i > 0) {
        Expect.within("size", size, sharesAndSizes[2 * i - 1], Double.MAX_VALUE);
      }
    }
    Expect.within("last share", shares[count - 1], 1, 1);
    return new Sizes(draws -> between(shares, logs, draws.uniform()));
  }

  /** The rare one with that probability, else the common one. */
  public static Sizes mixture(double rareShare, Sizes rare, Sizes common) {
    Expect.within("rareShare", rareShare, 0, 1);
    return new Sizes(draws -> draws.uniform() < rareShare ? rare.draw(draws) : common.draw(draws));
  }

  /** The same, with what lies outside moved to the border. */
  public Sizes between(double least, double most) {
    Expect.within("least", least, 0, Double.MAX_VALUE);
    Expect.within("most", most, least, Double.MAX_VALUE);
    return new Sizes(draws -> Math.min(most, Math.max(least, draw(draws))));
  }

  double draw(Draws draws) {
    return source.draw(draws);
  }

  /** A whole number, 1 to {@code most}. */
  int drawWhole(Draws draws, int most) {
    return whole(draw(draws), most);
  }

  static int whole(double size, int most) {
    return (int) Math.max(1, Math.min(most, Math.rint(size)));
  }

  private static double between(double[] shares, double[] logs, double share) {
    int upper = 1;
    while (upper < shares.length - 1 && shares[upper] <= share) {
      upper++;
    }
    double width = shares[upper] - shares[upper - 1];
    double part = width == 0 ? 1 : (share - shares[upper - 1]) / width;
    return StrictMath.exp(logs[upper - 1] + part * (logs[upper] - logs[upper - 1]));
  }
}
