package io.inferencerouter.benchmarks.simulation.fleet;

import java.util.List;

/**
 * One endpoint of a fleet. Immutable.
 *
 * @param id unique in the fleet
 * @param gpu its speed
 * @param region empty if there is only one
 * @param models the models it serves; empty if any
 * @param maxResidentModels how many of them fit into its memory at a time
 * @param weight the weight that clients are told, 1 unless the fleet says otherwise
 * @param maxConcurrency how many requests it runs at a time; more wait in its queue
 * @param networkNanos the way to it from clients in the same region, one direction
 */
public record EndpointSpec(
    String id,
    GpuModel gpu,
    String region,
    List<String> models,
    int maxResidentModels,
    double weight,
    int maxConcurrency,
    long networkNanos) {
  public EndpointSpec {
    models = List.copyOf(models);
  }

  /** Another like it. */
  EndpointSpec named(String other) {
    return new EndpointSpec(
        other, gpu, region, models, maxResidentModels, weight, maxConcurrency, networkNanos);
  }

  /** Whether it serves a model in a region; an empty one is any. */
  public boolean serves(String model, String inRegion) {
    return (model.isEmpty() || models.isEmpty() || models.contains(model))
        && (inRegion.isEmpty() || region.isEmpty() || region.equals(inRegion));
  }
}
