package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import java.util.function.Function;

/** A policy by its parts. */
record ClassicPolicy(
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
