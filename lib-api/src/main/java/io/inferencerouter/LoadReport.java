package io.inferencerouter;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What an endpoint says of its own load, after the Open Request Cost Aggregation (ORCA) load
 * report. Immutable.
 *
 * <p>Values that were not reported are empty, which is not the same as zero.
 */
public final class LoadReport {
  /** The largest number of named metrics that are kept. */
  public static final int MAX_NAMED_METRICS = 64;

  /** The largest value that is accepted; of named metrics, in either direction. */
  public static final double MAX_VALUE = 1e15;

  private final double cpuUtilization;
  private final double memoryUtilization;
  private final double applicationUtilization;
  private final double requestsPerSecond;
  private final double errorsPerSecond;
  private final Map<String, Double> namedMetrics;

  private LoadReport(Builder builder) {
    cpuUtilization = builder.cpuUtilization;
    memoryUtilization = builder.memoryUtilization;
    applicationUtilization = builder.applicationUtilization;
    requestsPerSecond = builder.requestsPerSecond;
    errorsPerSecond = builder.errorsPerSecond;
    namedMetrics = Collections.unmodifiableMap(new TreeMap<>(builder.namedMetrics));
  }

  /** Starts a report in which nothing is reported. */
  public static Builder builder() {
    return new Builder();
  }

  /** Use of the CPU, 1 meaning all of what was asked for; may be above 1. */
  public OptionalDouble cpuUtilization() {
    return optional(cpuUtilization);
  }

  /** Use of the memory, 0 to 1. */
  public OptionalDouble memoryUtilization() {
    return optional(memoryUtilization);
  }

  /** Use of whatever the application is limited by, 1 meaning full; may be above 1. */
  public OptionalDouble applicationUtilization() {
    return optional(applicationUtilization);
  }

  /** Requests per second served. */
  public OptionalDouble requestsPerSecond() {
    return optional(requestsPerSecond);
  }

  /** Errors per second. */
  public OptionalDouble errorsPerSecond() {
    return optional(errorsPerSecond);
  }

  /**
   * Whatever else was reported, by name, such as {@code kv_cache_usage_perc} or {@code
   * num_requests_waiting}.
   */
  public Map<String, Double> namedMetrics() {
    return namedMetrics;
  }

  /** Whether nothing at all is reported. */
  public boolean isEmpty() {
    return namedMetrics.isEmpty()
        && Double.isNaN(cpuUtilization)
        && Double.isNaN(memoryUtilization)
        && Double.isNaN(applicationUtilization)
        && Double.isNaN(requestsPerSecond)
        && Double.isNaN(errorsPerSecond);
  }

  private static OptionalDouble optional(double value) {
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LoadReport that
        && Double.compare(cpuUtilization, that.cpuUtilization) == 0
        && Double.compare(memoryUtilization, that.memoryUtilization) == 0
        && Double.compare(applicationUtilization, that.applicationUtilization) == 0
        && Double.compare(requestsPerSecond, that.requestsPerSecond) == 0
        && Double.compare(errorsPerSecond, that.errorsPerSecond) == 0
        && namedMetrics.equals(that.namedMetrics);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        cpuUtilization, memoryUtilization, applicationUtilization, requestsPerSecond, namedMetrics);
  }

  @Override
  public String toString() {
    Map<String, Double> all = new TreeMap<>(namedMetrics);
    cpuUtilization().ifPresent(v -> all.put("cpu_utilization", v));
    memoryUtilization().ifPresent(v -> all.put("mem_utilization", v));
    applicationUtilization().ifPresent(v -> all.put("application_utilization", v));
    requestsPerSecond().ifPresent(v -> all.put("rps_fractional", v));
    errorsPerSecond().ifPresent(v -> all.put("eps", v));
    return "LoadReport" + all;
  }

  /** Builds a {@link LoadReport}. Not safe for use by several threads at once. */
  public static final class Builder {
    private double cpuUtilization = Double.NaN;
    private double memoryUtilization = Double.NaN;
    private double applicationUtilization = Double.NaN;
    private double requestsPerSecond = Double.NaN;
    private double errorsPerSecond = Double.NaN;
    private final Map<String, Double> namedMetrics = new TreeMap<>();

    private Builder() {}

    /** Reports the use of the CPU, 0 or more. */
    public Builder cpuUtilization(double value) {
      cpuUtilization = Require.range("cpuUtilization", value, 0, MAX_VALUE);
      return this;
    }

    /** Reports the use of the memory, 0 to 1. */
    public Builder memoryUtilization(double value) {
      memoryUtilization = Require.range("memoryUtilization", value, 0, 1);
      return this;
    }

    /** Reports the use of whatever limits the application, 0 or more. */
    public Builder applicationUtilization(double value) {
      applicationUtilization = Require.range("applicationUtilization", value, 0, MAX_VALUE);
      return this;
    }

    /** Reports requests per second, 0 or more. */
    public Builder requestsPerSecond(double value) {
      requestsPerSecond = Require.range("requestsPerSecond", value, 0, MAX_VALUE);
      return this;
    }

    /** Reports errors per second, 0 or more. */
    public Builder errorsPerSecond(double value) {
      errorsPerSecond = Require.range("errorsPerSecond", value, 0, MAX_VALUE);
      return this;
    }

    /** Reports something else by name, at most {@value LoadReport#MAX_NAMED_METRICS} times. */
    public Builder namedMetric(String name, double value) {
      Require.name("metric name", name);
      if (namedMetrics.size() >= MAX_NAMED_METRICS && !namedMetrics.containsKey(name)) {
        throw Require.invalid(
            "named metrics", namedMetrics.size() + 1, "at most " + MAX_NAMED_METRICS);
      }
      namedMetrics.put(name, Require.range("metric " + name, value, -MAX_VALUE, MAX_VALUE));
      return this;
    }

    /** Builds the report. */
    public LoadReport build() {
      return new LoadReport(this);
    }
  }
}
