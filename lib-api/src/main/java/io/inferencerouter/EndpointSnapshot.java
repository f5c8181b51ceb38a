package io.inferencerouter;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The state of one endpoint at one moment. Immutable. */
public final class EndpointSnapshot {
  private final Endpoint endpoint;
  private final Lifecycle lifecycle;
  private final int inFlight;
  private final Duration reservedInput;
  private final Duration reservedOutput;
  private final long reservedMemory;
  private final double errorLevel;
  private final List<ModelSnapshot> models;
  private final @Nullable LoadReport loadReport;

  private EndpointSnapshot(Builder builder) {
    endpoint = builder.endpoint;
    lifecycle = builder.lifecycle;
    inFlight = builder.inFlight;
    reservedInput = builder.reservedInput;
    reservedOutput = builder.reservedOutput;
    reservedMemory = builder.reservedMemory;
    errorLevel = builder.errorLevel;
    models = builder.models;
    loadReport = builder.loadReport;
  }

  /** Starts a snapshot of an endpoint that is idle. */
  public static Builder builder(Endpoint endpoint, Lifecycle lifecycle) {
    return new Builder(endpoint, lifecycle);
  }

  /** The endpoint. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** The stage of life it is in. */
  public Lifecycle lifecycle() {
    return lifecycle;
  }

  /** How many requests this router has in flight on it. */
  public int inFlight() {
    return inFlight;
  }

  /**
   * The predicted time of input work that is reserved on it and has not reached its first output.
   */
  public Duration reservedInput() {
    return reservedInput;
  }

  /** The predicted time of output work that is reserved on it and not finished. */
  public Duration reservedOutput() {
    return reservedOutput;
  }

  /**
   * How many units (KV-cache tokens) of its {@linkplain Endpoint#memoryBudget() memory budget} the
   * requests in flight have reserved; 0 where it declares no budget.
   */
  public long reservedMemory() {
    return reservedMemory;
  }

  /** How badly it fails; see {@link Candidates#errorLevel}. */
  public double errorLevel() {
    return errorLevel;
  }

  /**
   * What is believed of each model on it: those it declares, in that order, and last, with an empty
   * name, whatever it does not declare by name, if it serves that or was asked for it.
   */
  public List<ModelSnapshot> models() {
    return models;
  }

  /** What it last said of its own load. */
  public Optional<LoadReport> loadReport() {
    return Optional.ofNullable(loadReport);
  }

  @Override
  public String toString() {
    return String.format(
        "%s[%s, in flight %d/%d, reserved %s + %s%s, error level %.2f]",
        endpoint.id(),
        lifecycle,
        inFlight,
        endpoint.maxConcurrency(),
        reservedInput,
        reservedOutput,
        endpoint.memoryBudget() == Endpoint.UNLIMITED_MEMORY
            ? ""
            : ", memory " + reservedMemory + "/" + endpoint.memoryBudget(),
        errorLevel);
  }

  /** Builds an {@link EndpointSnapshot}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final Endpoint endpoint;
    private final Lifecycle lifecycle;
    private int inFlight;
    private Duration reservedInput = Duration.ZERO;
    private Duration reservedOutput = Duration.ZERO;
    private long reservedMemory;
    private double errorLevel;
    private List<ModelSnapshot> models = List.of();
    private @Nullable LoadReport loadReport;

    private Builder(Endpoint endpoint, Lifecycle lifecycle) {
      this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
      this.lifecycle = Objects.requireNonNull(lifecycle, "lifecycle");
    }

    /** Sets the number of requests in flight; by default 0. */
    public Builder inFlight(int inFlight) {
      this.inFlight = inFlight;
      return this;
    }

    /** Sets the reserved time; by default zero. */
    public Builder reserved(Duration input, Duration output) {
      this.reservedInput = Objects.requireNonNull(input, "input");
      this.reservedOutput = Objects.requireNonNull(output, "output");
      return this;
    }

    /** Sets the reserved memory, in units; by default 0. */
    public Builder reservedMemory(long units) {
      this.reservedMemory = units;
      return this;
    }

    /** Sets what is believed of each model; by default none. */
    public Builder models(List<ModelSnapshot> models) {
      this.models = List.copyOf(models);
      return this;
    }

    /** Sets the error level; by default 0. */
    public Builder errorLevel(double errorLevel) {
      this.errorLevel = errorLevel;
      return this;
    }

    /** Sets the newest load report; by default there is none. */
    public Builder loadReport(LoadReport loadReport) {
      this.loadReport = Objects.requireNonNull(loadReport, "loadReport");
      return this;
    }

    /** Builds the snapshot. */
    public EndpointSnapshot build() {
      return new EndpointSnapshot(this);
    }
  }
}
