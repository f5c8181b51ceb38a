package io.inferencerouter.benchmarks.simulation.policy;

import java.util.function.Function;

/** A policy by its parts. */
public record NamedPolicy(
    String name, String description, Standing standing, Function<Client, Balancer> balancers)
    implements Policy {
  @Override
  public Balancer balancer(Client client) {
    return balancers.apply(client);
  }

  @Override
  public String toString() {
    return name;
  }
}
