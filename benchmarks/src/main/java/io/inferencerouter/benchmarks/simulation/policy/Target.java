package io.inferencerouter.benchmarks.simulation.policy;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.server.Server;
import io.inferencerouter.benchmarks.simulation.server.ServerMetrics;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;

/**
 * An endpoint as policies see it. What a policy reads here says what it needs to be told: a rival
 * uses the id, the region and the models; one that is told weights uses {@link #trueWeight}; one
 * that scrapes metrics reads {@link #metrics} at its own interval, and keeps what it read till the
 * next; one that subscribes to cache events reads {@link #cachedTokens}; only references look at
 * {@link #server}.
 *
 * <p>For each endpoint of a run there is one object, the same for all clients; a restart keeps it.
 */
public final class Target {
  private final int index;
  private final Server server;
  private final double trueWeight;

  /**
   * An endpoint.
   *
   * @param index unique in a run, dense from 0
   * @param trueWeight its throughput on the run's workload relative to the fleet's mean
   */
  public Target(int index, Server server, double trueWeight) {
    this.index = index;
    this.server = server;
    this.trueWeight = trueWeight;
  }

  /** A place for it in arrays. */
  public int index() {
    return index;
  }

  /** Its name. */
  public String id() {
    return server.spec().id();
  }

  /** What is declared of it. */
  public EndpointSpec spec() {
    return server.spec();
  }

  /**
   * Its throughput on this workload relative to the fleet's mean: what a perfect operator declares.
   */
  public double trueWeight() {
    return trueWeight;
  }

  /** What its metrics page shows now. */
  public ServerMetrics metrics() {
    return server.metrics();
  }

  /**
   * How much of a request's input its engine's cache events say it holds, in tokens, without delay;
   * {@link Server#UNTOLD} if it publishes none.
   */
  public int cachedTokens(SimulatedRequest request) {
    return server.cachedTokens(request);
  }

  /** All there is to know. */
  public Server server() {
    return server;
  }

  @Override
  public String toString() {
    return id();
  }
}
