package io.inferencerouter.core.internal.router;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.FaultIsolated.Component;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Usage;

/** A cost estimator whose faults go no further: what it fails to tell is taken for the usual. */
final class GuardedEstimator {
  private static final double DEFAULT_INPUT_WORK = 500;
  private static final double DEFAULT_OUTPUT_WORK = 250;

  private final CostEstimator estimator;
  private final Events events;

  GuardedEstimator(CostEstimator estimator, Events events) {
    this.estimator = estimator;
    this.events = events;
  }

  double inputWork(InferenceRequest request) {
    try {
      return bounded(estimator.inputWork(request));
    } catch (Throwable thrown) {
      failed(thrown);
      return DEFAULT_INPUT_WORK;
    }
  }

  double outputWork(InferenceRequest request) {
    try {
      return bounded(estimator.outputWork(request));
    } catch (Throwable thrown) {
      failed(thrown);
      return DEFAULT_OUTPUT_WORK;
    }
  }

  private static double bounded(double work) {
    return work > 0 ? Math.min(work, CostEstimator.MAX_WORK) : 0; // NaN is not above 0
  }

  /** Tells what a request really took. */
  void settle(InferenceRequest request, Usage usage) {
    try {
      estimator.settle(request, usage);
    } catch (Throwable thrown) {
      failed(thrown);
    }
  }

  private void failed(Throwable thrown) {
    events.faultIsolated(
        Component.COST_ESTIMATOR, "estimator " + estimator.getClass().getName() + " threw", thrown);
  }
}
