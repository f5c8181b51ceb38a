package io.inferencerouter.benchmarks.simulation.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an endpoint is where a fleet does not say otherwise. */
final class StandardEndpoint {
  /** Sequences that an engine runs at a time. */
  static final int MAX_CONCURRENCY = 256;

  /** Models in memory of an endpoint that serves any model. */
  static final int MAX_RESIDENT_MODELS = 4;

  static final double WEIGHT = 1;
  static final double NETWORK_MILLIS = 0.5;

  private static final double NANOS_PER_MILLI = 1e6;

  private StandardEndpoint() {}

  static EndpointSpec of(String id, GpuModel gpu) {
    return in("", id, gpu);
  }

  static EndpointSpec in(String region, String id, GpuModel gpu) {
    return new EndpointSpec(
        id,
        gpu,
        region,
        List.of(),
        MAX_RESIDENT_MODELS,
        WEIGHT,
        MAX_CONCURRENCY,
        nanos(NETWORK_MILLIS));
  }

  static long nanos(double millis) {
    return Math.round(millis * NANOS_PER_MILLI);
  }

  /** Endpoints with these GPUs, called by them and numbered from 1. */
  static List<EndpointSpec> of(List<GpuModel> gpus) {
    List<EndpointSpec> endpoints = new ArrayList<>();
    for (GpuModel gpu : gpus) {
      String card = Gpus.card(gpu).toLowerCase(Locale.ROOT);
      endpoints.add(of(card + "-" + (endpoints.size() + 1), gpu));
    }
    return endpoints;
  }
}
