package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What all clients together have sent to one endpoint: the work that has not come back, and the
 * requests that have not arrived there, of which its server knows nothing. Does not hold the
 * endpoint, which is its key.
 */
final class Outstanding {
  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private double arrivingPrefillMillis;
  private long workMicros;

  /** Takes note of a request that is sent now. */
  void sent(Target target, SimulatedRequest request, long nowNanos) {
    drop(nowNanos);
    double prefill = Price.readingMillis(target, request);
    arrivals.add(
        new Arrival(nowNanos + target.spec().networkNanos(), prefill, request.outputTokens()));
    arrivingPrefillMillis += prefill;
  }

  void addWork(long micros) {
    workMicros += micros;
  }

  /** The work of requests that have not come back, as far as they have not told progress. */
  double workMillis() {
    return workMicros / 1e3;
  }

  int arriving(long nowNanos) {
    drop(nowNanos);
    return arrivals.size();
  }

  /** The prefill of what is on the way. */
  double arrivingPrefillMillis(long nowNanos) {
    drop(nowNanos);
    return arrivingPrefillMillis;
  }

  /** The steps that an answer of a length shares with those on the way, summed over these. */
  long arrivingSharedOutput(long nowNanos, int outputTokens) {
    drop(nowNanos);
    long shared = 0;
    for (Arrival arrival : arrivals) {
      shared += Math.min(arrival.outputTokens, outputTokens);
    }
    return shared;
  }

  private void drop(long nowNanos) {
    while (!arrivals.isEmpty() && arrivals.getFirst().nanos < nowNanos) {
      arrivingPrefillMillis -= arrivals.removeFirst().prefillMillis;
    }
    if (arrivals.isEmpty()) {
      arrivingPrefillMillis = 0;
    }
  }

  /** A request on the way. All take the same time, so that they arrive in the order of sending. */
  private record Arrival(long nanos, double prefillMillis, int outputTokens) {}
}
