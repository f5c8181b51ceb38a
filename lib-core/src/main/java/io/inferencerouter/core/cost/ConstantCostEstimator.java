package io.inferencerouter.core.cost;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.InferenceRequest;

/** The same work for every request. */
final class ConstantCostEstimator implements CostEstimator {
  private final double inputWork;
  private final double outputWork;

  ConstantCostEstimator(double inputWork, double outputWork) {
    this.inputWork = inputWork;
    this.outputWork = outputWork;
  }

  @Override
  public double inputWork(InferenceRequest request) {
    return inputWork;
  }

  @Override
  public double outputWork(InferenceRequest request) {
    return outputWork;
  }
}
