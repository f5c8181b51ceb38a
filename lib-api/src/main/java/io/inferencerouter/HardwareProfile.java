package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;

/**
 * How fast an endpoint is, as declared by its owner: where the router's estimate of its speed
 * starts.
 *
 * <p>The model behind it: a request of {@code i} input units that is alone on the endpoint reaches
 * its first output after {@code overhead + i / inputRate}. From then on one output unit takes
 * {@code (1 + concurrencyPenalty × n) / outputRate} seconds while {@code n} other requests of usual
 * size run beside it. Up to {@code parallelism} requests have their input processed at the same
 * time without slowing each other; further ones wait for their turn.
 *
 * <p>Immutable.
 */
public final class HardwareProfile {
  /** The default {@link #concurrencyPenalty()}. */
  public static final double DEFAULT_CONCURRENCY_PENALTY = 0.02;

  /** The default {@link #parallelism()}. */
  public static final int DEFAULT_PARALLELISM = 1;

  private final double inputRate;
  private final double outputRate;
  private final double concurrencyPenalty;
  private final int parallelism;
  private final Duration overhead;

  private HardwareProfile(Builder builder) {
    inputRate = builder.inputRate;
    outputRate = builder.outputRate;
    concurrencyPenalty = builder.concurrencyPenalty;
    parallelism = builder.parallelism;
    overhead = builder.overhead;
  }

  /**
   * Starts a profile.
   *
   * @param inputRate input units per second of one request, above 0 and at most 1e12
   * @param outputRate output units per second of one request that runs alone, above 0 and at most
   *     1e12
   */
  public static Builder builder(double inputRate, double outputRate) {
    return new Builder(inputRate, outputRate);
  }

  /**
   * Starts a profile of an endpoint that generates no output, such as one for embeddings.
   *
   * @param inputRate input units per second of one request, above 0 and at most 1e12
   */
  public static Builder inputOnly(double inputRate) {
    return new Builder(inputRate, inputRate);
  }

  /** Input units per second of one request. */
  public double inputRate() {
    return inputRate;
  }

  /** Output units per second of one request that runs alone. */
  public double outputRate() {
    return outputRate;
  }

  /** By which share of itself an output unit gets slower with each request that runs beside it. */
  public double concurrencyPenalty() {
    return concurrencyPenalty;
  }

  /** How many requests have their input processed at the same time. */
  public int parallelism() {
    return parallelism;
  }

  /** The fixed time every request costs, network included. */
  public Duration overhead() {
    return overhead;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HardwareProfile that
        && inputRate == that.inputRate
        && outputRate == that.outputRate
        && concurrencyPenalty == that.concurrencyPenalty
        && parallelism == that.parallelism
        && overhead.equals(that.overhead);
  }

  @Override
  public int hashCode() {
    return Objects.hash(inputRate, outputRate, concurrencyPenalty, parallelism, overhead);
  }

  @Override
  public String toString() {
    return String.format(
        "HardwareProfile[input %.6g/s, output %.6g/s, penalty %.3g, parallelism %d, overhead %s]",
        inputRate, outputRate, concurrencyPenalty, parallelism, overhead);
  }

  /** Builds a {@link HardwareProfile}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final double inputRate;
    private final double outputRate;
    private double concurrencyPenalty = DEFAULT_CONCURRENCY_PENALTY;
    private int parallelism = DEFAULT_PARALLELISM;
    private Duration overhead = Duration.ZERO;

    private Builder(double inputRate, double outputRate) {
      this.inputRate = Require.range("inputRate", inputRate, 1e-9, 1e12);
      this.outputRate = Require.range("outputRate", outputRate, 1e-9, 1e12);
    }

    /**
     * Sets the slow-down by each neighbour, 0 to 10; by default {@value
     * #DEFAULT_CONCURRENCY_PENALTY}.
     */
    public Builder concurrencyPenalty(double concurrencyPenalty) {
      this.concurrencyPenalty = Require.range("concurrencyPenalty", concurrencyPenalty, 0, 10);
      return this;
    }

    /**
     * Sets how many inputs are processed side by side, 1 to 32767; by default {@value
     * #DEFAULT_PARALLELISM}.
     */
    public Builder parallelism(int parallelism) {
      this.parallelism =
          Require.range("parallelism", parallelism, 1, Endpoint.MAX_CONCURRENCY_LIMIT);
      return this;
    }

    /** Sets the fixed time of every request, at most one minute; by default zero. */
    public Builder overhead(Duration overhead) {
      Require.notNegative("overhead", overhead);
      if (overhead.compareTo(Duration.ofMinutes(1)) > 0) {
        throw Require.invalid("overhead", overhead, "at most PT1M");
      }
      this.overhead = overhead;
      return this;
    }

    /** Builds the profile. */
    public HardwareProfile build() {
      return new HardwareProfile(this);
    }
  }
}
