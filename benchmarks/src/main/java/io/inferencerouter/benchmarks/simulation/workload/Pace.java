package io.inferencerouter.benchmarks.simulation.workload;

/** How many requests arrive between when and when. */
record Pace(long requests, long firstNanos, long lastNanos) {
  static Pace of(Workload workload) {
    long requests = 0;
    long first = 0;
    long last = 0;
    for (SimulatedRequest request : workload) {
      last = request.arrivalNanos();
      if (requests++ == 0) {
        first = last;
      }
    }
    return new Pace(requests, first, last);
  }

  void requireTime(String name) {
    if (lastNanos == firstNanos) {
      throw new WorkloadException(
          name + ": " + requests + " requests at one time (expected: several times, for a rate)");
    }
  }

  double perSecond() {
    return (requests - 1) * 1e9 / (lastNanos - firstNanos);
  }
}
