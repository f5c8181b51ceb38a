package io.inferencerouter.core;

import java.time.Duration;
import java.util.Objects;

/**
 * How often, how soon and for how large a share of the requests attempts are repeated. Which
 * attempts may be repeated at all is not a matter of policy: see {@link
 * io.inferencerouter.Attempts}.
 *
 * <p>Before the {@code n}-th repetition a request waits for a random time between zero and the
 * back-off, which is {@linkplain Builder#backoff the first} doubled {@code n - 1} times, and at
 * most {@linkplain Builder#maxBackoff the longest}.
 *
 * <p>Repetitions are paid from a budget, so that they cannot bring down what is left of a fleet:
 * each request earns {@linkplain Builder#budgetRatio a part of one}, which is kept for ten seconds,
 * and {@linkplain Builder#minRetriesPerSecond a few} are free in each second. What was refused for
 * reasons of quota, and is repeated, has a budget of its own, in which each request earns one.
 *
 * <p>Immutable.
 */
public final class RetryPolicy {
  /** The default of {@link Builder#maxAttempts}. */
  public static final int DEFAULT_MAX_ATTEMPTS = 3;

  /** The default of {@link Builder#backoff}, in milliseconds. */
  public static final int DEFAULT_BACKOFF_MILLIS = 25;

  /** The default of {@link Builder#maxBackoff}, in milliseconds. */
  public static final int DEFAULT_MAX_BACKOFF_MILLIS = 1_000;

  /** The default of {@link Builder#maxRetryAfter}, in seconds. */
  public static final int DEFAULT_MAX_RETRY_AFTER_SECONDS = 10;

  /** The default of {@link Builder#budgetRatio}. */
  public static final double DEFAULT_BUDGET_RATIO = 0.1;

  /** The default of {@link Builder#minRetriesPerSecond}. */
  public static final int DEFAULT_MIN_RETRIES_PER_SECOND = 10;

  private static final RetryPolicy NONE = builder().maxAttempts(1).build();

  private final int maxAttempts;
  private final Duration backoff;
  private final Duration maxBackoff;
  private final Duration maxRetryAfter;
  private final double budgetRatio;
  private final int minRetriesPerSecond;

  private RetryPolicy(Builder builder) {
    maxAttempts = builder.maxAttempts;
    backoff = builder.backoff;
    maxBackoff = builder.maxBackoff;
    maxRetryAfter = builder.maxRetryAfter;
    budgetRatio = builder.budgetRatio;
    minRetriesPerSecond = builder.minRetriesPerSecond;
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** One attempt for each request. */
  public static RetryPolicy none() {
    return NONE;
  }

  /** How many attempts a request may have. */
  public int maxAttempts() {
    return maxAttempts;
  }

  /** The longest wait before the first repetition. */
  public Duration backoff() {
    return backoff;
  }

  /** The longest wait before any repetition, unless an endpoint asks for more. */
  public Duration maxBackoff() {
    return maxBackoff;
  }

  /** The longest wait for an endpoint that asks to be left alone. */
  public Duration maxRetryAfter() {
    return maxRetryAfter;
  }

  /** How many repetitions a request earns. */
  public double budgetRatio() {
    return budgetRatio;
  }

  /** How many repetitions a second are free. */
  public int minRetriesPerSecond() {
    return minRetriesPerSecond;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RetryPolicy that
        && maxAttempts == that.maxAttempts
        && backoff.equals(that.backoff)
        && maxBackoff.equals(that.maxBackoff)
        && maxRetryAfter.equals(that.maxRetryAfter)
        && Double.compare(budgetRatio, that.budgetRatio) == 0
        && minRetriesPerSecond == that.minRetriesPerSecond;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        maxAttempts, backoff, maxBackoff, maxRetryAfter, budgetRatio, minRetriesPerSecond);
  }

  @Override
  public String toString() {
    return "RetryPolicy[at most "
        + maxAttempts
        + " attempts, back-off "
        + backoff
        + " to "
        + maxBackoff
        + ", Retry-After to "
        + maxRetryAfter
        + ", budget "
        + budgetRatio
        + " + "
        + minRetriesPerSecond
        + "/s]";
  }

  /** Builds a {@link RetryPolicy}. Not safe for use by several threads at once. */
  public static final class Builder {
    private static final Duration LONGEST = Duration.ofDays(1);

    private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
    private Duration backoff = Duration.ofMillis(DEFAULT_BACKOFF_MILLIS);
    private Duration maxBackoff = Duration.ofMillis(DEFAULT_MAX_BACKOFF_MILLIS);
    private Duration maxRetryAfter = Duration.ofSeconds(DEFAULT_MAX_RETRY_AFTER_SECONDS);
    private double budgetRatio = DEFAULT_BUDGET_RATIO;
    private int minRetriesPerSecond = DEFAULT_MIN_RETRIES_PER_SECOND;

    private Builder() {}

    /**
     * Sets how many attempts a request may have, the first one included, 1 to 100; by default
     * {@value #DEFAULT_MAX_ATTEMPTS}.
     */
    public Builder maxAttempts(int maxAttempts) {
      if (maxAttempts < 1 || maxAttempts > 100) {
        throw invalid("maxAttempts", maxAttempts, "1 to 100");
      }
      this.maxAttempts = maxAttempts;
      return this;
    }

    /**
     * Sets the longest wait before the first repetition, up to a day; zero means that no repetition
     * waits. By default {@value #DEFAULT_BACKOFF_MILLIS} ms.
     */
    public Builder backoff(Duration backoff) {
      this.backoff = wait("backoff", backoff);
      return this;
    }

    /**
     * Sets the longest wait before any repetition, up to a day; by default {@value
     * #DEFAULT_MAX_BACKOFF_MILLIS} ms.
     */
    public Builder maxBackoff(Duration maxBackoff) {
      this.maxBackoff = wait("maxBackoff", maxBackoff);
      return this;
    }

    /**
     * Sets how long a request waits at most for an endpoint that asks to be left alone, where there
     * is no other, up to a day; by default {@value #DEFAULT_MAX_RETRY_AFTER_SECONDS} s.
     */
    public Builder maxRetryAfter(Duration maxRetryAfter) {
      this.maxRetryAfter = wait("maxRetryAfter", maxRetryAfter);
      return this;
    }

    /**
     * Sets how many repetitions a request earns, 0 to 10; by default {@value
     * #DEFAULT_BUDGET_RATIO}.
     */
    public Builder budgetRatio(double budgetRatio) {
      if (!(budgetRatio >= 0 && budgetRatio <= 10)) {
        throw invalid("budgetRatio", budgetRatio, "0 to 10");
      }
      this.budgetRatio = budgetRatio;
      return this;
    }

    /**
     * Sets how many repetitions a second are free, 0 to 1000000; by default {@value
     * #DEFAULT_MIN_RETRIES_PER_SECOND}.
     */
    public Builder minRetriesPerSecond(int minRetriesPerSecond) {
      if (minRetriesPerSecond < 0 || minRetriesPerSecond > 1_000_000) {
        throw invalid("minRetriesPerSecond", minRetriesPerSecond, "0 to 1000000");
      }
      this.minRetriesPerSecond = minRetriesPerSecond;
      return this;
    }

    private static Duration wait(String name, Duration value) {
      if (value.isNegative() || value.compareTo(LONGEST) > 0) {
        throw invalid(name, value, "PT0S to PT24H");
      }
      return value;
    }

    private static IllegalArgumentException invalid(String name, Object value, String expected) {
      return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    /** Builds the policy. */
    public RetryPolicy build() {
      return new RetryPolicy(this);
    }
  }
}
