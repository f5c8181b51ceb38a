package io.inferencerouter.benchmarks.simulation.policy.inference;

import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import java.util.function.Function;

/** A policy as the list shows it. */
record InferencePolicy(
    String name, String description, Standing standing, Function<Client, Balancer> making)
    implements Policy {
  @Override
  public Balancer balancer(Client client) {
    return making.apply(client);
  }
}
