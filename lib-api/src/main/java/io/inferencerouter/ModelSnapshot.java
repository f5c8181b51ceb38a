package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;

/**
 * What a router believes of one model on one endpoint at one moment: how fast it is served there,
 * how much evidence there is for it, and whether it is loaded. Immutable.
 *
 * <p>Speeds are what was declared as long as nothing was observed, and move towards what requests
 * show.
 */
public final class ModelSnapshot {
  private final String model;
  private final String version;
  private final double secondsPerInputUnit;
  private final double secondsPerOutputUnit;
  private final double concurrencyPenalty;
  private final double inputObservations;
  private final double outputObservations;
  private final boolean resident;
  private final Duration loadTime;

  private ModelSnapshot(Builder builder) {
    model = builder.model;
    version = builder.version;
    secondsPerInputUnit = builder.secondsPerInputUnit;
    secondsPerOutputUnit = builder.secondsPerOutputUnit;
    concurrencyPenalty = builder.concurrencyPenalty;
    inputObservations = builder.inputObservations;
    outputObservations = builder.outputObservations;
    resident = builder.resident;
    loadTime = builder.loadTime;
  }

  /**
   * Starts a snapshot of a model that is resident and of which nothing has been observed.
   *
   * @param model the name; empty for whatever the endpoint does not declare by name
   * @param version the version; empty when not stated
   */
  public static Builder builder(String model, String version) {
    return new Builder(model, version);
  }

  /**
   * The name of the model; empty for all that the endpoint does not declare by name, and for
   * requests that name none.
   */
  public String model() {
    return model;
  }

  /** The version; empty when not stated. */
  public String version() {
    return version;
  }

  /** Seconds for each input unit of a request; its inverse is the input rate. */
  public double secondsPerInputUnit() {
    return secondsPerInputUnit;
  }

  /** Seconds for each output unit of a request that runs alone; its inverse is the output rate. */
  public double secondsPerOutputUnit() {
    return secondsPerOutputUnit;
  }

  /** By which share of itself an output unit gets slower with each request that runs beside it. */
  public double concurrencyPenalty() {
    return concurrencyPenalty;
  }

  /**
   * How many observations of the input speed there are, 0 or more. Older ones fade, so this need
   * not be a whole number.
   */
  public double inputObservations() {
    return inputObservations;
  }

  /**
   * How many observations of the output speed there are, 0 or more, faded as those of the input.
   */
  public double outputObservations() {
    return outputObservations;
  }

  /** Whether the model is taken to be loaded, or never has to be. */
  public boolean resident() {
    return resident;
  }

  /** What loading the model takes, resident or not; zero if it never has to be loaded. */
  public Duration loadTime() {
    return loadTime;
  }

  @Override
  public String toString() {
    return String.format(
        "%s%s[%.3g s/input, %.3g s/output, penalty %.3g, %.0f + %.0f observations%s]",
        model.isEmpty() ? "any model" : model,
        version.isEmpty() ? "" : "@" + version,
        secondsPerInputUnit,
        secondsPerOutputUnit,
        concurrencyPenalty,
        inputObservations,
        outputObservations,
        resident ? "" : ", not resident, load time " + loadTime);
  }

  /** Builds a {@link ModelSnapshot}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final String model;
    private final String version;
    private double secondsPerInputUnit;
    private double secondsPerOutputUnit;
    private double concurrencyPenalty;
    private double inputObservations;
    private double outputObservations;
    private boolean resident = true;
    private Duration loadTime = Duration.ZERO;

    private Builder(String model, String version) {
      this.model = Objects.requireNonNull(model, "model");
      this.version = Objects.requireNonNull(version, "version");
    }

    /** Sets the seconds for each unit, of a request that runs alone; by default 0. */
    public Builder secondsPerUnit(double input, double output) {
      this.secondsPerInputUnit = input;
      this.secondsPerOutputUnit = output;
      return this;
    }

    /** Sets the slow-down by each neighbour; by default 0. */
    public Builder concurrencyPenalty(double concurrencyPenalty) {
      this.concurrencyPenalty = concurrencyPenalty;
      return this;
    }

    /** Sets the number of observations; by default 0. */
    public Builder observations(double input, double output) {
      this.inputObservations = input;
      this.outputObservations = output;
      return this;
    }

    /** Says whether the model is loaded; by default it is. */
    public Builder resident(boolean resident) {
      this.resident = resident;
      return this;
    }

    /** Sets what loading takes; by default zero. */
    public Builder loadTime(Duration loadTime) {
      this.loadTime = Require.notNegative("loadTime", loadTime);
      return this;
    }

    /** Builds the snapshot. */
    public ModelSnapshot build() {
      return new ModelSnapshot(this);
    }
  }
}
