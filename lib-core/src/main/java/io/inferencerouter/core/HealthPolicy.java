package io.inferencerouter.core;

import java.time.Duration;
import java.util.Objects;

/**
 * When the answers of an endpoint, or their absence, keep it from requests for a while. Immutable.
 *
 * <p>An endpoint is ejected when requests fail on it in a row, when a larger share of them fails
 * than on the other endpoints of the same model, when they take longer than predicted by a larger
 * factor than on the others, or when its circuit breaker opens. Each ejection in a short time is
 * twice as long as the one before. Whatever happens, so many endpoints of each model stay in use
 * that the rest is not overrun. Client cancels and rejected requests count for nothing; a rate
 * limit is a wait of its own.
 */
public final class HealthPolicy {
  /** The default of {@link Builder#consecutiveFailures}. */
  public static final int DEFAULT_CONSECUTIVE_FAILURES = 5;

  /** The default of {@link Builder#minimumRequests}. */
  public static final int DEFAULT_MINIMUM_REQUESTS = 20;

  /** The default of {@link Builder#failureRateMargin}. */
  public static final double DEFAULT_FAILURE_RATE_MARGIN = 0.3;

  /** The default of {@link Builder#latencyFactor}. */
  public static final double DEFAULT_LATENCY_FACTOR = 3;

  /** The default of {@link Builder#breakerFailureRate}. */
  public static final double DEFAULT_BREAKER_FAILURE_RATE = 0.5;

  /** The default of {@link Builder#ejection}, the first time, in seconds. */
  public static final int DEFAULT_BASE_EJECTION_SECONDS = 10;

  /** The default of {@link Builder#ejection}, at most, in seconds. */
  public static final int DEFAULT_MAX_EJECTION_SECONDS = 300;

  /** The default of {@link Builder#maxEjectedShare}. */
  public static final double DEFAULT_MAX_EJECTED_SHARE = 0.5;

  /** The default of {@link Builder#panicThreshold}. */
  public static final double DEFAULT_PANIC_THRESHOLD = 0.5;

  /** The default of {@link Builder#backOff}, the first time, in seconds. */
  public static final int DEFAULT_BACK_OFF_SECONDS = 1;

  /** The default of {@link Builder#backOff}, at most, in seconds. */
  public static final int DEFAULT_MAX_BACK_OFF_SECONDS = 3600;

  /** How often the endpoints are compared with each other, while there is traffic. */
  public static final Duration INTERVAL = Duration.ofSeconds(1);

  /** The time constant with which answers are forgotten where endpoints are compared. */
  public static final Duration WINDOW = Duration.ofSeconds(30);

  private static final HealthPolicy NONE = new HealthPolicy(builder(), false);

  private final boolean enabled;
  private final int consecutiveFailures;
  private final int minimumRequests;
  private final double failureRateMargin;
  private final double latencyFactor;
  private final double breakerFailureRate;
  private final Duration baseEjection;
  private final Duration maxEjection;
  private final double maxEjectedShare;
  private final double panicThreshold;
  private final Duration backOff;
  private final Duration maxBackOff;

  private HealthPolicy(Builder builder, boolean enabled) {
    this.enabled = enabled;
    consecutiveFailures = builder.consecutiveFailures;
    minimumRequests = builder.minimumRequests;
    failureRateMargin = builder.failureRateMargin;
    latencyFactor = builder.latencyFactor;
    breakerFailureRate = builder.breakerFailureRate;
    baseEjection = builder.baseEjection;
    maxEjection = builder.maxEjection;
    maxEjectedShare = builder.maxEjectedShare;
    panicThreshold = builder.panicThreshold;
    backOff = builder.backOff;
    maxBackOff = builder.maxBackOff;
  }

  /** Starts a policy with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The policy with the defaults. */
  public static HealthPolicy standard() {
    return builder().build();
  }

  /** Nobody is ejected but by {@link io.inferencerouter.InferenceRouter#eject} and by probes. */
  public static HealthPolicy none() {
    return NONE;
  }

  /** Whether answers are looked at at all. */
  public boolean isEnabled() {
    return enabled;
  }

  /** See {@link Builder#consecutiveFailures}. */
  public int consecutiveFailures() {
    return consecutiveFailures;
  }

  /** See {@link Builder#minimumRequests}. */
  public int minimumRequests() {
    return minimumRequests;
  }

  /** See {@link Builder#failureRateMargin}. */
  public double failureRateMargin() {
    return failureRateMargin;
  }

  /** See {@link Builder#latencyFactor}. */
  public double latencyFactor() {
    return latencyFactor;
  }

  /** See {@link Builder#breakerFailureRate}. */
  public double breakerFailureRate() {
    return breakerFailureRate;
  }

  /** How long a first ejection takes. */
  public Duration baseEjection() {
    return baseEjection;
  }

  /** How long an ejection takes at most. */
  public Duration maxEjection() {
    return maxEjection;
  }

  /** See {@link Builder#maxEjectedShare}. */
  public double maxEjectedShare() {
    return maxEjectedShare;
  }

  /** See {@link Builder#panicThreshold}. */
  public double panicThreshold() {
    return panicThreshold;
  }

  /** How long a first wait takes after a rate limit that does not say for how long. */
  public Duration backOff() {
    return backOff;
  }

  /** How long a wait after a rate limit takes at most. */
  public Duration maxBackOff() {
    return maxBackOff;
  }

  @Override
  public String toString() {
    return enabled
        ? "HealthPolicy["
            + consecutiveFailures
            + " failures in a row, failure rate + "
            + failureRateMargin
            + ", latency × "
            + latencyFactor
            + ", ejection "
            + baseEjection
            + " to "
            + maxEjection
            + ", at most "
            + maxEjectedShare
            + " ejected]"
        : "HealthPolicy[none]";
  }

  /** Builds a {@link HealthPolicy}. Not safe for use by several threads at once. */
  public static final class Builder {
    private int consecutiveFailures = DEFAULT_CONSECUTIVE_FAILURES;
    private int minimumRequests = DEFAULT_MINIMUM_REQUESTS;
    private double failureRateMargin = DEFAULT_FAILURE_RATE_MARGIN;
    private double latencyFactor = DEFAULT_LATENCY_FACTOR;
    private double breakerFailureRate = DEFAULT_BREAKER_FAILURE_RATE;
    private Duration baseEjection = Duration.ofSeconds(DEFAULT_BASE_EJECTION_SECONDS);
    private Duration maxEjection = Duration.ofSeconds(DEFAULT_MAX_EJECTION_SECONDS);
    private double maxEjectedShare = DEFAULT_MAX_EJECTED_SHARE;
    private double panicThreshold = DEFAULT_PANIC_THRESHOLD;
    private Duration backOff = Duration.ofSeconds(DEFAULT_BACK_OFF_SECONDS);
    private Duration maxBackOff = Duration.ofSeconds(DEFAULT_MAX_BACK_OFF_SECONDS);

    private Builder() {}

    /**
     * Sets after how many failures in a row an endpoint is ejected, 1 to 10000; by default {@value
     * #DEFAULT_CONSECUTIVE_FAILURES}.
     */
    public Builder consecutiveFailures(int consecutiveFailures) {
      if (consecutiveFailures < 1 || consecutiveFailures > 10_000) {
        throw new IllegalArgumentException(
            "consecutiveFailures: " + consecutiveFailures + " (expected: 1 to 10000)");
      }
      this.consecutiveFailures = consecutiveFailures;
      return this;
    }

    /**
     * Sets how many answers there must have been lately before rates and latencies of an endpoint
     * are compared with those of others, 1 to 100000; by default {@value
     * #DEFAULT_MINIMUM_REQUESTS}.
     */
    public Builder minimumRequests(int minimumRequests) {
      if (minimumRequests < 1 || minimumRequests > 100_000) {
        throw new IllegalArgumentException(
            "minimumRequests: " + minimumRequests + " (expected: 1 to 100000)");
      }
      this.minimumRequests = minimumRequests;
      return this;
    }

    /**
     * Sets by how much the failure rate of an endpoint may be above the median of its model, from
     * above 0 to 1 (never); by default {@value #DEFAULT_FAILURE_RATE_MARGIN}.
     */
    public Builder failureRateMargin(double failureRateMargin) {
      this.failureRateMargin = share("failureRateMargin", failureRateMargin);
      return this;
    }

    /**
     * Sets how many times as long as predicted the requests of an endpoint may take, in proportion
     * to the median of its model, 1.1 or more; infinity means that latencies are not compared. By
     * default {@value #DEFAULT_LATENCY_FACTOR}. Compared with predictions, an endpoint is not
     * blamed for long prompts, nor for slow hardware.
     */
    public Builder latencyFactor(double latencyFactor) {
      if (!(latencyFactor >= 1.1)) {
        throw new IllegalArgumentException(
            "latencyFactor: " + latencyFactor + " (expected: 1.1 or more)");
      }
      this.latencyFactor = latencyFactor;
      return this;
    }

    /**
     * Sets the failure rate at which the circuit breaker of an endpoint opens, whatever the others
     * do, from above 0 to 1; by default {@value #DEFAULT_BREAKER_FAILURE_RATE}.
     */
    public Builder breakerFailureRate(double breakerFailureRate) {
      this.breakerFailureRate = share("breakerFailureRate", breakerFailureRate);
      return this;
    }

    /**
     * Sets how long an ejection takes: the first time, doubled each further time, and at most; by
     * default {@value #DEFAULT_BASE_EJECTION_SECONDS} and {@value #DEFAULT_MAX_EJECTION_SECONDS}
     * seconds. An endpoint that stays well is forgiven one time after the other.
     */
    public Builder ejection(Duration base, Duration max) {
      ordered("ejection", base, max);
      this.baseEjection = base;
      this.maxEjection = max;
      return this;
    }

    /**
     * Sets which share of the endpoints of a model is ejected at most for their answers, 0 to 1; by
     * default {@value #DEFAULT_MAX_EJECTED_SHARE}.
     */
    public Builder maxEjectedShare(double maxEjectedShare) {
      this.maxEjectedShare = shareOrNone("maxEjectedShare", maxEjectedShare);
      return this;
    }

    /**
     * Sets which share of the endpoints of a model has to be left over by an ejection for whatever
     * reason, 0 to 1; by default {@value #DEFAULT_PANIC_THRESHOLD}. At least one is always left.
     */
    public Builder panicThreshold(double panicThreshold) {
      this.panicThreshold = shareOrNone("panicThreshold", panicThreshold);
      return this;
    }

    /**
     * Sets how long an endpoint is left alone after a rate limit that does not say for how long:
     * the first time, doubled each further time; and at most, whatever it says. By default {@value
     * #DEFAULT_BACK_OFF_SECONDS} and {@value #DEFAULT_MAX_BACK_OFF_SECONDS} seconds.
     */
    public Builder backOff(Duration first, Duration max) {
      ordered("backOff", first, max);
      this.backOff = first;
      this.maxBackOff = max;
      return this;
    }

    private static void ordered(String name, Duration first, Duration max) {
      Objects.requireNonNull(first, name);
      Objects.requireNonNull(max, name);
      if (first.isNegative()
          || first.isZero()
          || max.compareTo(first) < 0
          || max.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException(
            name + ": " + first + " to " + max + " (expected: above zero, in order, at most P1D)");
      }
    }

    private static double share(String name, double value) {
      if (!(value > 0 && value <= 1)) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: above 0, at most 1)");
      }
      return value;
    }

    private static double shareOrNone(String name, double value) {
      if (!(value >= 0 && value <= 1)) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: 0 to 1)");
      }
      return value;
    }

    /** Builds the policy. */
    public HealthPolicy build() {
      return new HealthPolicy(this, true);
    }
  }
}
