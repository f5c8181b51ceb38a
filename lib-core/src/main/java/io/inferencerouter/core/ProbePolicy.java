package io.inferencerouter.core;

import java.time.Duration;
import java.util.Objects;

/**
 * How often endpoints are probed, and what is made of the answers. Immutable.
 *
 * <p>An endpoint that recovers gets its first requests within {@code rise × (interval + jitter +
 * timeout)}, unless so many others are probed at the same time that it has to wait for its turn.
 */
public final class ProbePolicy {
  /** The default of {@link Builder#interval}, in seconds. */
  public static final int DEFAULT_INTERVAL_SECONDS = 5;

  /** The default of {@link Builder#jitter}, in seconds. */
  public static final int DEFAULT_JITTER_SECONDS = 1;

  /** The default of {@link Builder#timeout}, in seconds. */
  public static final int DEFAULT_TIMEOUT_SECONDS = 2;

  /** The default of {@link Builder#rise}. */
  public static final int DEFAULT_RISE = 2;

  /** The default of {@link Builder#fall}. */
  public static final int DEFAULT_FALL = 3;

  /** The default of {@link Builder#maxConcurrent}. */
  public static final int DEFAULT_MAX_CONCURRENT = 16;

  private final Duration interval;
  private final Duration jitter;
  private final Duration timeout;
  private final int rise;
  private final int fall;
  private final int maxConcurrent;

  private ProbePolicy(Builder builder) {
    interval = builder.interval;
    jitter = builder.jitter;
    timeout = builder.timeout;
    rise = builder.rise;
    fall = builder.fall;
    maxConcurrent = builder.maxConcurrent;
  }

  /** Starts a policy with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The policy with the defaults. */
  public static ProbePolicy standard() {
    return builder().build();
  }

  /** From the start of a probe to that of the next one of the same endpoint, at least. */
  public Duration interval() {
    return interval;
  }

  /** How much longer than the interval it takes, at most; random each time. */
  public Duration jitter() {
    return jitter;
  }

  /** After how much time an endpoint that has not answered is not well. */
  public Duration timeout() {
    return timeout;
  }

  /** After how many good probes in a row an endpoint that is ejected for its health comes back. */
  public int rise() {
    return rise;
  }

  /** After how many bad probes in a row an endpoint is ejected. */
  public int fall() {
    return fall;
  }

  /** How many probes are under way at the same time, at most. */
  public int maxConcurrent() {
    return maxConcurrent;
  }

  @Override
  public String toString() {
    return "ProbePolicy[every "
        + interval
        + " to "
        + interval.plus(jitter)
        + ", timeout "
        + timeout
        + ", rise "
        + rise
        + ", fall "
        + fall
        + ", at most "
        + maxConcurrent
        + " at once]";
  }

  /** Builds a {@link ProbePolicy}. Not safe for use by several threads at once. */
  public static final class Builder {
    private Duration interval = Duration.ofSeconds(DEFAULT_INTERVAL_SECONDS);
    private Duration jitter = Duration.ofSeconds(DEFAULT_JITTER_SECONDS);
    private Duration timeout = Duration.ofSeconds(DEFAULT_TIMEOUT_SECONDS);
    private int rise = DEFAULT_RISE;
    private int fall = DEFAULT_FALL;
    private int maxConcurrent = DEFAULT_MAX_CONCURRENT;

    private Builder() {}

    /** Sets the interval, 1 ms to a day; by default {@value #DEFAULT_INTERVAL_SECONDS} s. */
    public Builder interval(Duration interval) {
      this.interval = checked("interval", interval, Duration.ofMillis(1));
      return this;
    }

    /** Sets the jitter, zero to a day; by default {@value #DEFAULT_JITTER_SECONDS} s. */
    public Builder jitter(Duration jitter) {
      this.jitter = checked("jitter", jitter, Duration.ZERO);
      return this;
    }

    /** Sets the time-out, 1 ms to a day; by default {@value #DEFAULT_TIMEOUT_SECONDS} s. */
    public Builder timeout(Duration timeout) {
      this.timeout = checked("timeout", timeout, Duration.ofMillis(1));
      return this;
    }

    /**
     * Sets after how many good probes in a row an endpoint comes back, 1 to 1000; by default
     * {@value #DEFAULT_RISE}.
     */
    public Builder rise(int rise) {
      this.rise = checked("rise", rise);
      return this;
    }

    /**
     * Sets after how many bad probes in a row an endpoint is ejected, 1 to 1000; by default {@value
     * #DEFAULT_FALL}.
     */
    public Builder fall(int fall) {
      this.fall = checked("fall", fall);
      return this;
    }

    /**
     * Sets how many probes are under way at the same time, 1 to 1000; by default {@value
     * #DEFAULT_MAX_CONCURRENT}.
     */
    public Builder maxConcurrent(int maxConcurrent) {
      this.maxConcurrent = checked("maxConcurrent", maxConcurrent);
      return this;
    }

    private static Duration checked(String name, Duration value, Duration least) {
      Objects.requireNonNull(value, name);
      if (value.compareTo(least) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException(
            name + ": " + value + " (expected: " + least + " to P1D)");
      }
      return value;
    }

    private static int checked(String name, int value) {
      if (value < 1 || value > 1_000) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: 1 to 1000)");
      }
      return value;
    }

    /** Builds the policy. */
    public ProbePolicy build() {
      return new ProbePolicy(this);
    }
  }
}
