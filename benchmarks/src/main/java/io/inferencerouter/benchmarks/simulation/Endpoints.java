package io.inferencerouter.benchmarks.simulation;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.ModelledServer;
import io.inferencerouter.benchmarks.simulation.server.ServerTotals;
import io.inferencerouter.benchmarks.simulation.server.Servers;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The endpoints of a run, and what happens to them. */
final class Endpoints {
  private static final double NANOS = 1e9;

  private final Scenario scenario;
  private final EventLoop loop;
  private final Capacity capacity;
  private final SplittableRandom random;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private List<Target> listed = List.of();

  private static final class Member {
    final ModelledServer server;
    final Target target;
    final boolean isFirst;
    boolean isListed = true;
    double workAtWarmUp;

    Member(ModelledServer server, Target target, boolean isFirst) {
      this.server = server;
      this.target = target;
      this.isFirst = isFirst;
    }
  }

  Endpoints(Scenario scenario, EventLoop loop, Capacity capacity, SplittableRandom random) {
    this.scenario = scenario;
    this.loop = loop;
    this.capacity = capacity;
    this.random = random;
    scenario.fleet().endpoints().forEach(spec -> add(spec, true));
    list();
  }

  private void add(EndpointSpec spec, boolean isFirst) {
    ModelledServer server = Servers.create(spec, scenario.workload().kind(), loop, random.split());
    double weight = capacity.weight(scenario.workload(), scenario.fleet(), spec);
    Target target = new Target(members.size(), server, weight);
    members.put(spec.id(), new Member(server, target, isFirst));
  }

  private void list() {
    listed =
        members.values().stream()
            .filter(member -> member.isListed)
            .map(member -> member.target)
            .toList();
  }

  /** What clients are told to be there. */
  List<Target> listed() {
    return listed;
  }

  /**
   * Lets something happen.
   *
   * @return whether clients are told another list now
   */
  boolean apply(FleetChange change) {
    if (change instanceof FleetChange.Join join) {
      add(join.endpoint(), false);
      list();
      return true;
    }
    if (change instanceof FleetChange.Drain drain) {
      member(drain.endpoint()).isListed = false;
      list();
      return true;
    }
    if (change instanceof FleetChange.Restart restart) {
      ModelledServer server = member(restart.endpoint()).server;
      server.crash();
      after(restart.downSeconds(), server::restart);
    } else if (change instanceof FleetChange.Crash crash) {
      member(crash.endpoint()).server.crash();
    } else if (change instanceof FleetChange.Slow slow) {
      ModelledServer server = member(slow.endpoint()).server;
      server.slow(slow.factor());
      after(slow.seconds(), () -> server.slow(1));
    } else if (change instanceof FleetChange.FastFailure failure) {
      ModelledServer server = member(failure.endpoint()).server;
      server.fail(failure.probability());
      after(failure.seconds(), () -> server.fail(0));
    } else if (change instanceof FleetChange.Stall stall) {
      ModelledServer server = member(stall.endpoint()).server;
      server.stall();
      after(stall.seconds(), server::resume);
    } else if (change instanceof FleetChange.Noise noise) {
      member(noise.endpoint()).server.noise(noise.variation());
    }
    return false;
  }

  private void after(double seconds, Runnable event) {
    loop.after(Math.round(seconds * NANOS), event);
  }

  private Member member(String id) {
    Member member = members.get(id);
    if (member == null) {
      throw new IllegalArgumentException(
          "endpoint " + id + ": unknown (expected: one of " + members.keySet() + ")");
    }
    return member;
  }

  /** From now on work counts for the comparison of endpoints. */
  void warmUpEnds() {
    for (Member member : members.values()) {
      member.workAtWarmUp = member.server.totals().pricedNanos();
    }
  }

  /** Work since the warm-up of those endpoints that were there from first to last. */
  List<Double> comparedWork() {
    List<Double> work = new ArrayList<>();
    for (Member member : members.values()) {
      if (member.isFirst && member.isListed) {
        work.add(member.server.totals().pricedNanos() - member.workAtWarmUp);
      }
    }
    return work;
  }

  /** What each did. */
  List<ServerTotals> totals() {
    return members.values().stream().map(member -> member.server.totals()).toList();
  }
}
