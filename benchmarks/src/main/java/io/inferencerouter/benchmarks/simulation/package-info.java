/**
 * A simulator of inference fleets: discrete events in virtual time drive the real router, and
 * published policies beside it, against modelled GPUs.
 *
 * <p>A request's way: a {@link io.inferencerouter.benchmarks.simulation.workload.Workload} lets it
 * arrive at one of the clients; the client's {@link
 * io.inferencerouter.benchmarks.simulation.policy.Balancer} sends it to an endpoint; after the
 * network's delay the endpoint's {@link io.inferencerouter.benchmarks.simulation.server.Server}
 * serves it; {@code measure} records what came back. {@link
 * io.inferencerouter.benchmarks.simulation.Simulation} ties these together. Everything runs on one
 * thread and is the same, bit by bit, for the same seed.
 */
@NullMarked
package io.inferencerouter.benchmarks.simulation;

import org.jspecify.annotations.NullMarked;
