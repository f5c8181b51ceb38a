package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.ToDoubleFunction;

/**
 * A clairvoyant greedy policy. Its balancers share what has been sent to each endpoint, so that
 * requests of the same instant, from whichever client, see each other. Endpoints of a run that is
 * over are forgotten; runs beside each other do not touch.
 */
final class OraclePolicy implements Policy {
  private final String name;
  private final String description;
  private final ToDoubleFunction<OracleScore> score;
  private final Map<Target, Outstanding> shared = Collections.synchronizedMap(new WeakHashMap<>());

  OraclePolicy(String name, String description, ToDoubleFunction<OracleScore> score) {
    this.name = name;
    this.description = description;
    this.score = score;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Standing standing() {
    return Standing.REFERENCE;
  }

  @Override
  public Balancer balancer(Client client) {
    return new OracleBalancer(client, score, this::outstanding);
  }

  Outstanding outstanding(Target target) {
    return shared.computeIfAbsent(target, any -> new Outstanding());
  }
}
