package io.inferencerouter.benchmarks.simulation.policy;

import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.List;

/** One client's balancer. For one thread. */
public interface Balancer extends AutoCloseable {
  /**
   * Decides where a request goes, now or later, and calls the dispatch once for it.
   *
   * @param excluded where it has failed before; to be avoided while there is another
   */
  void route(SimulatedRequest request, List<Target> excluded, Dispatch dispatch);

  /** Tells which endpoints there are from now on. */
  void targets(List<Target> targets);

  /** Ends it: nothing is left in the loop that would come again for ever. */
  @Override
  void close();

  /** Takes the decision. */
  interface Dispatch {
    /**
     * Sends the request.
     *
     * @param observer is told what becomes of it
     */
    void send(Target target, Observer observer);

    /** Refuses the request. */
    void shed(String reason);
  }
}
