package io.inferencerouter.benchmarks.simulation;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.fleet.FleetChange;
import io.inferencerouter.benchmarks.simulation.measure.FleetTotals;
import io.inferencerouter.benchmarks.simulation.measure.Measurements;
import io.inferencerouter.benchmarks.simulation.measure.Recorder;
import io.inferencerouter.benchmarks.simulation.measure.RunResult;
import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.ServerTotals;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/** The state of one run: clients, network and endpoints. For one thread. */
final class Run {
  /** The way to another region, one direction. */
  private static final long CROSS_REGION_NANOS = 40_000_000;

  /** How long after the last arrival an answer is waited for. */
  private static final long PATIENCE_NANOS = 4L * 3_600 * 1_000_000_000;

  private static final long PROGRESS_MASK = (1 << 12) - 1;

  final EventLoop loop = new EventLoop();

  private final Scenario scenario;
  private final Policy policy;
  private final LongConsumer progress;
  private final Recorder recorder;
  private final long startedNanos = System.nanoTime();
  private final Span span;
  private final Arrivals arrivals;
  private final Measurements measurements;
  private final Endpoints endpoints;
  private final SplittableRandom random;
  private final List<String> regions;
  private final List<Balancer> balancers = new ArrayList<>();
  private final long warmUpRequests;

  Run(
      Scenario scenario,
      Policy policy,
      Capacity capacity,
      LongConsumer progress,
      Recorder recorder) {
    this.scenario = scenario;
    this.policy = policy;
    this.progress = progress;
    this.recorder = recorder;
    this.random = new SplittableRandom(scenario.seed());
    this.span = Span.of(scenario);
    this.arrivals = new Arrivals(scenario, span, loop, this::arrives);
    this.measurements = new Measurements(scenario, scenario.fleet().endpoints().get(0).gpu());
    this.warmUpRequests = (long) (scenario.warmUpShare() * span.requests());
    this.endpoints = new Endpoints(scenario, loop, capacity, random.split());
    this.regions =
        scenario.fleet().endpoints().stream()
            .map(EndpointSpec::region)
            .distinct()
            .sorted()
            .toList();
    startClients();
  }

  private void startClients() {
    for (int index = 0; index < scenario.routers(); index++) {
      balancers.add(
          policy.balancer(
              new Client(index, scenario.routers(), loop, random.split(), endpoints.listed())));
    }
  }

  private void stopClients() {
    balancers.forEach(Balancer::close);
    balancers.clear();
  }

  RunResult toEnd() {
    for (FleetChange change : scenario.fleet().changes()) {
      loop.at(Math.round(change.at() * span.lengthNanos()), () -> apply(change));
    }
    arrivals.begin();
    long endNanos = span.lengthNanos() + PATIENCE_NANOS;
    boolean isGoing = true;
    while (isGoing && !isOver() && loop.nextNanos() <= endNanos) {
      isGoing = loop.runNext();
    }
    stopClients();
    List<ServerTotals> totals = endpoints.totals();
    double wallSeconds = (System.nanoTime() - startedNanos) * 1e-9;
    return measurements.result(
        policy.name(), FleetTotals.of(totals, endpoints.comparedWork()), wallSeconds);
  }

  private boolean isOver() {
    return arrivals.areOver() && measurements.ended() == measurements.arrived();
  }

  private void apply(FleetChange change) {
    if (change instanceof FleetChange.ClientsRestart) {
      stopClients();
      startClients();
    } else if (endpoints.apply(change)) {
      balancers.forEach(balancer -> balancer.targets(endpoints.listed()));
    }
  }

  private void arrives(SimulatedRequest request) {
    long number = measurements.arrived();
    if (number == warmUpRequests) {
      endpoints.warmUpEnds();
    }
    boolean isMeasured = number >= warmUpRequests;
    measurements.arrived(isMeasured, loop.nanos());
    if ((number & PROGRESS_MASK) == 0) {
      progress.accept(number);
    }
    new Flight(this, request, clientOf(request), isMeasured).depart();
  }

  /** Sessions stay with their client; everything else comes to any of them. */
  private int clientOf(SimulatedRequest request) {
    int routers = scenario.routers();
    if (routers == 1) {
      return 0;
    }
    return request.session().isEmpty()
        ? random.nextInt(routers)
        : Math.floorMod(31 * request.session().hashCode() + 17, routers);
  }

  Balancer balancer(int client) {
    return balancers.get(client);
  }

  int maxAttempts() {
    return scenario.maxAttempts();
  }

  long wayNanos(int client, Target target) {
    EndpointSpec spec = target.spec();
    String home = regions.get(client % regions.size());
    return spec.networkNanos() + (home.equals(spec.region()) ? 0 : CROSS_REGION_NANOS);
  }

  void sent(Flight flight, Target target) {
    measurements.sent(flight.request, target.id());
    recorder.sent(loop.nanos(), target.id(), flight.request);
  }

  void attemptFailed(Flight flight, Target target) {
    recorder.attemptFailed(loop.nanos(), target.id(), flight.request);
  }

  void completed(Flight flight, Target target, long firstOutputNanos) {
    long now = loop.nanos();
    measurements.completed(
        flight.request, flight.isMeasured, flight.arrivalNanos, firstOutputNanos, now);
    recorder.completed(now, target.id(), flight.request, flight.arrivalNanos, firstOutputNanos);
    arrivals.ended(flight.request);
  }

  void failed(Flight flight) {
    measurements.failed(loop.nanos());
    recorder.failed(loop.nanos(), flight.request, flight.arrivalNanos);
    arrivals.ended(flight.request);
  }
}
