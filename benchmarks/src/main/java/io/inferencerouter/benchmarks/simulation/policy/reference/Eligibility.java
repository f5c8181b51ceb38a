package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/** Who may serve a request. */
final class Eligibility {
  private Eligibility() {}

  /** Whether an endpoint serves the request's model, in the request's region. */
  static boolean serves(EndpointSpec endpoint, SimulatedRequest request) {
    return (request.model().isEmpty()
            || endpoint.models().isEmpty()
            || endpoint.models().contains(request.model()))
        && (request.region().isEmpty()
            || endpoint.region().isEmpty()
            || endpoint.region().equals(request.region()));
  }
}
