package io.inferencerouter.benchmarks.simulation.experiment;

import static java.lang.Double.POSITIVE_INFINITY;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import io.inferencerouter.benchmarks.simulation.measure.Percentiles;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;

/** Policies, workloads and results for tests. */
public final class Samples {
  /** How many there are in a result. */
  public static final long REQUESTS = 1000;

  private Samples() {}

  /** A policy that only has a name. */
  public static Policy policy(String name, Policy.Standing standing) {
    return new Policy() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String description() {
        return "What " + name + " does.";
      }

      @Override
      public Standing standing() {
        return standing;
      }

      @Override
      public Balancer balancer(Client client) {
        throw new UnsupportedOperationException();
      }
    };
  }

  /** A workload of equal requests, one a second. */
  public static Workload workload(String name, long requests) {
    return new Workload() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Kind kind() {
        return Kind.GENERATION;
      }

      @Override
      public Iterator<SimulatedRequest> iterator() {
        return LongStream.range(0, requests)
            .mapToObj(i -> SimulatedRequest.text(i * 1_000_000_000L, 100, 10))
            .iterator();
      }
    };
  }

  /**
   * A result of a scenario in which everything takes times in proportion to one time, and so many
   * of {@value #REQUESTS} requests fail.
   */
  public static RunResult result(Scenario scenario, String policy, double millis, long failed) {
    return new RunResult(
        scenario.workload().name(),
        scenario.fleet().name(),
        scenario.routers(),
        scenario.load(),
        scenario.rate(),
        policy,
        scenario.seed(),
        REQUESTS,
        REQUESTS - failed,
        failed,
        0,
        percentiles(millis / 10, failed),
        percentiles(millis / 100, 0),
        percentiles(millis, failed),
        percentiles(millis / 10, 0),
        percentiles(millis, 0),
        0.9,
        scenario.rate(),
        scenario.rate() / 4,
        0.1,
        policy.length() / 100.0,
        2,
        0.01,
        0.99,
        1.5,
        0.2,
        100,
        0.5);
  }

  private static Percentiles percentiles(double p99, long failed) {
    return new Percentiles(
        failed > REQUESTS / 2 ? POSITIVE_INFINITY : p99 / 4,
        failed > REQUESTS / 20 ? POSITIVE_INFINITY : p99 / 2,
        failed > REQUESTS / 100 ? POSITIVE_INFINITY : p99,
        failed > REQUESTS / 1000 ? POSITIVE_INFINITY : p99 * 2);
  }

  /** A row without faults. */
  public static Row row(Scenario scenario, Policy policy, double millis) {
    return row(scenario, policy, millis, 0);
  }

  /** The same, of which so many requests of {@value #REQUESTS} fail nevertheless. */
  public static Row row(Scenario scenario, Policy policy, double millis, long failed) {
    return new Row(result(scenario, policy.name(), millis, failed), policy.standing(), Faults.NONE);
  }

  /** A scenario with a load of 0.7 on the fleet equal-4. */
  public static Scenario scenario(long seed) {
    return Scenario.atLoad(
        workload("chat", 10),
        io.inferencerouter.benchmarks.simulation.fleet.Fleets.byName("equal-4").orElseThrow(),
        1,
        0.7,
        20,
        seed);
  }

  /** Rows of some policies with times by seed, from seed 1 on. */
  public static List<Row> rows(Policy policy, double... millis) {
    return LongStream.rangeClosed(1, millis.length)
        .mapToObj(seed -> row(scenario(seed), policy, millis[(int) seed - 1]))
        .toList();
  }
}
