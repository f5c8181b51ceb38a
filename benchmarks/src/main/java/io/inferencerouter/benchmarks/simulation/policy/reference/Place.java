package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.policy.Target;

/** One client's part in what all have outstanding at an endpoint. */
final class Place {
  private final Target target;
  private final Outstanding outstanding;
  private long workMicros;
  private boolean isAbandoned;

  Place(Target target, Outstanding outstanding) {
    this.target = target;
    this.outstanding = outstanding;
  }

  Target target() {
    return target;
  }

  Outstanding outstanding() {
    return outstanding;
  }

  void addWork(long micros) {
    if (!isAbandoned) {
      workMicros += micros;
      outstanding.addWork(micros);
    }
  }

  void abandon() {
    addWork(-workMicros);
    isAbandoned = true;
  }
}
