package io.inferencerouter.core.cost;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;

/**
 * Work in proportion to one size of the input; a request that does not state it counts as one unit.
 */
final class PerUnitCostEstimator implements CostEstimator {
  private final InputUnit unit;
  private final double inputWorkPerUnit;
  private final double outputWorkPerUnit;

  PerUnitCostEstimator(InputUnit unit, double inputWorkPerUnit, double outputWorkPerUnit) {
    this.unit = unit;
    this.inputWorkPerUnit = inputWorkPerUnit;
    this.outputWorkPerUnit = outputWorkPerUnit;
  }

  @Override
  public double inputWork(InferenceRequest request) {
    return units(request) * inputWorkPerUnit;
  }

  @Override
  public double outputWork(InferenceRequest request) {
    return units(request) * outputWorkPerUnit;
  }

  private long units(InferenceRequest request) {
    return request.hasInput(unit) ? request.input(unit) : 1;
  }
}
