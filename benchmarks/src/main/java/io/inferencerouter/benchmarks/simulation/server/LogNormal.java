package io.inferencerouter.benchmarks.simulation.server;

import java.util.random.RandomGenerator;

/** A log-normal distribution whose draws are the same bits on every Java. */
final class LogNormal {
  /** The quantile 0.99 of the normal distribution. */
  private static final double NORMAL_P99 = 2.3263478740408408;

  private final double median;
  private final double sigma;

  private LogNormal(double median, double sigma) {
    this.median = median;
    this.sigma = sigma;
  }

  /** With that median and that quantile 0.99. */
  static LogNormal ofQuantiles(double p50, double p99) {
    return new LogNormal(p50, StrictMath.log(p99 / p50) / NORMAL_P99);
  }

  /** With a mean of 1 and that coefficient of variation. */
  static LogNormal aroundOne(double variation) {
    double variance = StrictMath.log1p(variation * variation);
    return new LogNormal(StrictMath.exp(-variance / 2), Math.sqrt(variance));
  }

  double mean() {
    return median * StrictMath.exp(sigma * sigma / 2);
  }

  double draw(RandomGenerator random) {
    return median * StrictMath.exp(sigma * normal(random));
  }

  /** After Box and Muller; of the two draws one is thrown away. */
  private static double normal(RandomGenerator random) {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
  }
}
