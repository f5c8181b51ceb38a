package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.workload.Workload;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings of an experiment: everything with everything. Seeds are paired: all policies meet
 * the same requests.
 *
 * @param loads as shares of saturation
 * @param rates in requests per second, beside the loads
 * @param maxRequests of each run
 */
public record Design(
    List<WorkloadSource> workloads,
    List<FleetSpec> fleets,
    List<FaultSource> faults,
    List<Integer> routers,
    List<Double> loads,
    List<Double> rates,
    List<Policy> policies,
    List<Long> seeds,
    long maxRequests,
    Objectives objectives) {
  public Design {
    workloads = List.copyOf(workloads);
    fleets = List.copyOf(fleets);
    faults = List.copyOf(faults);
    routers = List.copyOf(routers);
    loads = List.copyOf(loads);
    rates = List.copyOf(rates);
    policies = List.copyOf(policies);
    seeds = List.copyOf(seeds);
  }

  /** All runs: by workload, fleet, faults, routers, load, policy and seed, in this order. */
  public List<Trial> trials(SaturationCache saturation) {
    List<Trial> trials = new ArrayList<>();
    for (WorkloadSource source : workloads) {
      List<Workload> seeded = seeds.stream().map(seed -> source.seeded().apply(seed)).toList();
      for (FleetSpec fleet : fleets) {
        List<Double> offered = offered(source, fleet, saturation);
        for (FaultSource fault : faults) {
          FleetSpec faulty = fleet.withChanges(fault.changes().apply(fleet));
          for (int clients : routers) {
            for (int i = 0; i < offered.size(); i++) {
              double load = i < loads.size() ? loads.get(i) : 0;
              for (Policy policy : policies) {
                for (int s = 0; s < seeds.size(); s++) {
                  Scenario scenario =
                      scenario(seeded.get(s), faulty, clients, load, offered.get(i), seeds.get(s));
                  trials.add(new Trial(scenario, policy, fault.name()));
                }
              }
            }
          }
        }
      }
    }
    return trials;
  }

  private List<Double> offered(WorkloadSource source, FleetSpec fleet, SaturationCache saturation) {
    List<Double> offered = new ArrayList<>();
    for (double load : loads) {
      offered.add(load * saturation.requestsPerSecond(source, fleet));
    }
    offered.addAll(rates);
    return offered;
  }

  private Scenario scenario(
      Workload workload, FleetSpec fleet, int clients, double load, double rate, long seed) {
    return new Scenario(
        workload,
        fleet,
        clients,
        load,
        rate,
        maxRequests,
        seed,
        Scenario.DEFAULT_WARM_UP_SHARE,
        Scenario.DEFAULT_MAX_ATTEMPTS,
        objectives.ttftMillis(),
        objectives.itlMillis());
  }
}
