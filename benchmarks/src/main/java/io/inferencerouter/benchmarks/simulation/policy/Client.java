package io.inferencerouter.benchmarks.simulation.policy;

import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The surroundings of one balancer: a client process.
 *
 * @param index from 0
 * @param count how many clients there are; a balancer may not use it to talk to the others
 * @param loop the clock, and timers
 * @param random seeded for this client
 * @param targets the endpoints at the beginning
 */
public record Client(
    int index, int count, EventLoop loop, RandomGenerator random, List<Target> targets) {
  public Client {
    targets = List.copyOf(targets);
  }
}
