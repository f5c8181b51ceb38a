package io.inferencerouter.examples.demo.scenario;

import java.util.Locale;

/** The sets of endpoints to choose from. */
public enum FleetKind {
  /** Endpoints of different speed. */
  MIXED(0.36),

  /** Equal endpoints. */
  UNIFORM(0.65);

  private final double defaultLoad;

  FleetKind(double defaultLoad) {
    this.defaultLoad = defaultLoad;
  }

  /**
   * The share of the fleet's capacity at which equal shares of the requests do not yet overload the
   * slowest endpoint.
   */
  public double defaultLoad() {
    return defaultLoad;
  }

  /** The name in lower case, as in the options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
