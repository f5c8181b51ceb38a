package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model that an endpoint serves, with what is special about it there. Immutable.
 *
 * @see Endpoint.Builder#model(ServedModel)
 */
public final class ServedModel {
  private final String name;
  private final String version;
  private final @Nullable HardwareProfile profile;
  private final boolean resident;
  private final Duration loadTime;

  private ServedModel(Builder builder) {
    name = builder.name;
    version = builder.version;
    profile = builder.profile;
    resident = builder.resident;
    loadTime = builder.loadTime;
  }

  /** A model that is resident, of unstated version, and as fast as its endpoint. */
  public static ServedModel of(String name) {
    return builder(name).build();
  }

  /**
   * Starts a served model.
   *
   * @param name the name requests use; not blank, no control characters
   */
  public static Builder builder(String name) {
    return new Builder(Require.name("model", name));
  }

  /** The name requests use. */
  public String name() {
    return name;
  }

  /** The version served; empty when not stated. */
  public String version() {
    return version;
  }

  /** The speed of this model on its endpoint; empty means that of the endpoint. */
  public Optional<HardwareProfile> profile() {
    return Optional.ofNullable(profile);
  }

  /** Whether the model is loaded already. */
  public boolean resident() {
    return resident;
  }

  /** What loading the model takes when it is not resident. */
  public Duration loadTime() {
    return loadTime;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ServedModel that
        && name.equals(that.name)
        && version.equals(that.version)
        && Objects.equals(profile, that.profile)
        && resident == that.resident
        && loadTime.equals(that.loadTime);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, version);
  }

  @Override
  public String toString() {
    return version.isEmpty() ? name : name + "@" + version;
  }

  /** Builds a {@link ServedModel}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final String name;
    private String version = "";
    private @Nullable HardwareProfile profile;
    private boolean resident = true;
    private Duration loadTime = Duration.ZERO;

    private Builder(String name) {
      this.name = name;
    }

    /** States the version; by default none. */
    public Builder version(String version) {
      this.version = Require.optionalName("version", version);
      return this;
    }

    /** States the speed of this model on the endpoint; by default that of the endpoint. */
    public Builder profile(HardwareProfile profile) {
      this.profile = Objects.requireNonNull(profile, "profile");
      return this;
    }

    /**
     * Says that the model has to be loaded first, and how long that takes; by default it is
     * resident.
     */
    public Builder loadTime(Duration loadTime) {
      this.loadTime = Require.notNegative("loadTime", loadTime);
      this.resident = loadTime.isZero();
      return this;
    }

    /** Builds the served model. */
    public ServedModel build() {
      return new ServedModel(this);
    }
  }
}
