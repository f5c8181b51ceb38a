package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * A modelled endpoint: serves what is submitted, in virtual time. Times are those at the endpoint;
 * the network's delay is added by whoever submits. For one thread.
 */
public interface Server {
  /** What it is. */
  EndpointSpec spec();

  /**
   * Takes a request in. All callbacks come from events of the loop, never from within this call.
   */
  void submit(SimulatedRequest request, ServerCallback callback);

  /** Forgets a request that its client has given up; without effect when it has ended. */
  void cancel(ServerCallback callback);

  /** Its state as its metrics page shows it at this moment. */
  ServerMetrics metrics();

  /**
   * How much of a request's input its prefix cache holds at this moment, in tokens: what a router
   * knows that subscribes to the engine's cache events. {@link #UNTOLD} if it publishes none.
   */
  default int cachedTokens(SimulatedRequest request) {
    return UNTOLD;
  }

  /**
   * Its true state, for references that know everything: milliseconds until a request submitted now
   * had its first output, if nothing else came.
   */
  double trueFirstOutputMillis(SimulatedRequest request);

  /** As above, until its last output; equal to it where there is no output. */
  double trueFinishMillis(SimulatedRequest request);

  /**
   * By how much all that is there would finish later together, in milliseconds summed over
   * requests, if the request were submitted now.
   */
  double trueHarmMillis(SimulatedRequest request);

  /** Totals since the beginning. */
  ServerTotals totals();

  /** What an engine that publishes no cache events tells of its cache. */
  int UNTOLD = -1;
}
