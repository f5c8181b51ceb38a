package io.inferencerouter.benchmarks.simulation.measure;

import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/** Is told of every request of a run, for what a summary does not tell. */
public interface Recorder {
  /** A recorder that keeps nothing. */
  Recorder NONE = new Recorder() {};

  /** A request is sent to an endpoint. */
  default void sent(long nowNanos, String endpoint, SimulatedRequest request) {}

  /** An attempt at a request has come to nothing; another one may follow. */
  default void attemptFailed(long nowNanos, String endpoint, SimulatedRequest request) {}

  /**
   * A request has its whole answer.
   *
   * @param arrivalNanos when it arrived at the client
   * @param firstOutputNanos when it had its first output
   */
  default void completed(
      long nowNanos,
      String endpoint,
      SimulatedRequest request,
      long arrivalNanos,
      long firstOutputNanos) {}

  /**
   * A request has come to nothing, after all attempts.
   *
   * @param arrivalNanos when it arrived at the client
   */
  default void failed(long nowNanos, SimulatedRequest request, long arrivalNanos) {}
}
