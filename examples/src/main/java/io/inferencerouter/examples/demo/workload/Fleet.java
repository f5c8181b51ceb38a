package io.inferencerouter.examples.demo.workload;

import io.inferencerouter.examples.demo.engine.EndpointSpec;
import java.util.List;
import java.util.Locale;

/**
 * The sets of endpoints to choose from.
 *
 * <p>The {@link #capacity()} of each is little more than one processor's, so that a machine with
 * two is not the bottleneck even when every permit is taken.
 */
public enum Fleet {
  /** Three generations of GPUs, the slowest at a quarter of the speed of the fastest. */
  MIXED(
      0.36,
      new EndpointSpec("fast-1", 5, 2),
      new EndpointSpec("fast-2", 5, 2),
      new EndpointSpec("medium", 10, 2),
      new EndpointSpec("slow-1", 15, 2),
      new EndpointSpec("slow-2", 20, 2)),

  /** Five equal GPUs. */
  UNIFORM(
      0.65,
      new EndpointSpec("equal-1", 9, 2),
      new EndpointSpec("equal-2", 9, 2),
      new EndpointSpec("equal-3", 9, 2),
      new EndpointSpec("equal-4", 9, 2),
      new EndpointSpec("equal-5", 9, 2));

  private final double defaultLoad;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<EndpointSpec> endpoints;

  Fleet(double defaultLoad, EndpointSpec... endpoints) {
    this.defaultLoad = defaultLoad;
    this.endpoints = List.of(endpoints);
  }

  /** The load at which equal shares of the requests do not yet overload the slowest endpoint. */
  public double defaultLoad() {
    return defaultLoad;
  }

  /** The endpoints. */
  public List<EndpointSpec> endpoints() {
    return endpoints;
  }

  /** How many processors of this machine the endpoints equal together. */
  public double capacity() {
    return endpoints.stream().mapToDouble(EndpointSpec::capacity).sum();
  }

  /**
   * How busy the slowest endpoint is, on average, when each gets an equal share of the requests.
   */
  public double slowestBusyWithEqualShares(double load) {
    double slowest = endpoints.stream().mapToDouble(EndpointSpec::capacity).min().orElseThrow();
    return load * capacity() / (endpoints.size() * slowest);
  }

  /** The name in lower case, as in the options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
