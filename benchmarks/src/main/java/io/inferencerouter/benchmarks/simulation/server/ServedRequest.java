package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/** A request at an endpoint. */
class ServedRequest {
  final SimulatedRequest request;
  final ServerCallback callback;

  /** Its place among all that were ever submitted here. */
  final long ticket;

  /** Its place in the queue; one that was preempted gets a place before all others. */
  long order;

  /** Nobody waits for it any more. */
  boolean gone;

  /** It has its whole answer, or failed. */
  boolean ended;

  /** Whether it has left the queue and has not been put back. */
  boolean started;

  /** Input out of the prefix cache, when it was first admitted. */
  int cachedTokens;

  ServedRequest(SimulatedRequest request, ServerCallback callback, long ticket) {
    this.request = request;
    this.callback = callback;
    this.ticket = ticket;
    this.order = ticket;
  }
}
