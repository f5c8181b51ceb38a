package io.inferencerouter.core.testing;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.InferenceRequest;

/** The same work for every request, be it sensible or not. */
public class FixedEstimates implements CostEstimator {
  private final double inputWork;
  private final double outputWork;

  public FixedEstimates(double inputWork, double outputWork) {
    this.inputWork = inputWork;
    this.outputWork = outputWork;
  }

  @Override
  public final double inputWork(InferenceRequest request) {
    return inputWork;
  }

  @Override
  public final double outputWork(InferenceRequest request) {
    return outputWork;
  }
}
