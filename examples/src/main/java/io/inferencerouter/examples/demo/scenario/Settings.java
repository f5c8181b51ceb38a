package io.inferencerouter.examples.demo.scenario;

import io.inferencerouter.examples.demo.transport.Transport;
import io.inferencerouter.examples.demo.workload.Workload;

/**
 * What the user asked for.
 *
 * @param transport how requests travel
 * @param fleet which endpoints
 * @param load the share of the fleet's capacity that the requests need, above zero
 * @param size how many requests
 * @param seed equal seeds give equal requests and arrivals
 */
public record Settings(
    Transport transport, FleetKind fleet, double load, Workload.Size size, long seed) {}
