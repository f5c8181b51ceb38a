package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.examples.demo.scenario.Capacity;
import io.inferencerouter.examples.demo.scenario.FleetKind;
import java.util.List;

/**
 * The endpoints for documents.
 *
 * <p>Together they are little more than one processor of this machine, so that a machine with two
 * is not the bottleneck even when every permit is taken.
 *
 * @param endpoints at least one
 */
record DocumentFleet(List<EndpointSpec> endpoints) {
  DocumentFleet {
    endpoints = List.copyOf(endpoints);
  }

  static DocumentFleet of(FleetKind kind) {
    return switch (kind) {
      // Three generations of GPUs, the slowest at a quarter of the speed of the fastest
      case MIXED ->
          new DocumentFleet(
              List.of(
                  new EndpointSpec("fast-1", 5, 2),
                  new EndpointSpec("fast-2", 5, 2),
                  new EndpointSpec("medium", 10, 2),
                  new EndpointSpec("slow-1", 15, 2),
                  new EndpointSpec("slow-2", 20, 2)));
      case UNIFORM ->
          new DocumentFleet(
              List.of(
                  new EndpointSpec("equal-1", 9, 2),
                  new EndpointSpec("equal-2", 9, 2),
                  new EndpointSpec("equal-3", 9, 2),
                  new EndpointSpec("equal-4", 9, 2),
                  new EndpointSpec("equal-5", 9, 2)));
    };
  }

  /** In processors of this machine. */
  Capacity capacity() {
    return new Capacity(endpoints.stream().map(EndpointSpec::capacity).toList());
  }
}
