package io.inferencerouter.benchmarks.simulation;

import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * How long a workload is, and by how much its times are stretched to have the rate of a scenario.
 *
 * @param requests how many requests there are
 * @param firstNanos the arrival of the first
 * @param stretch multiplies the times
 * @param lengthNanos from the first arrival to the last, stretched
 */
record Span(long requests, long firstNanos, double stretch, long lengthNanos) {
  /** Reads the workload once to find out. */
  static Span of(Scenario scenario) {
    long requests = 0;
    long first = 0;
    long last = 0;
    for (SimulatedRequest request : scenario.workload()) {
      if (requests == scenario.maxRequests()) {
        break;
      }
      if (requests == 0) {
        first = request.arrivalNanos();
      }
      last = request.arrivalNanos();
      requests++;
    }
    long natural = last - first;
    double stretch =
        scenario.rate() == 0 || natural == 0
            ? 1
            : (requests - 1) / scenario.rate() / (natural * 1e-9);
    return new Span(requests, first, stretch, Math.round(natural * stretch));
  }

  /** When a request arrives; the first one at zero. */
  long arrivalNanos(SimulatedRequest request) {
    return Math.round((request.arrivalNanos() - firstNanos) * stretch);
  }
}
