package io.inferencerouter.benchmarks.simulation.measure;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.fleet.GpuModel;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects what a run measures, request by request. For one thread. */
public final class Measurements {
  private static final int MIN_TENANT_REQUESTS = 100;

  private final Scenario scenario;
  private final GpuModel reference;
  private final Latencies firstOutput = new Latencies();
  private final Latencies betweenOutputs = new Latencies();
  private final Latencies endToEnd = new Latencies();
  private final Map<String, Tenant> tenants = new HashMap<>();
  private final List<Tenant> tenantsInOrder = new ArrayList<>();
  private final Map<String, String> homes = new HashMap<>();
  private long arrived;
  private long completed;
  private long failed;
  private long measured;
  private long good;
  private long turns;
  private long moves;
  private long beginNanos = -1;
  private long lastNanos;
  private long completedMeasured;

  private static final class Tenant {
    final Latencies endToEnd = new Latencies();
    double slowness;
    long completed;
  }

  /**
   * Measurements of one run.
   *
   * @param reference the GPU on which a request's own size is priced, for comparing tenants
   */
  public Measurements(Scenario scenario, GpuModel reference) {
    this.scenario = scenario;
    this.reference = reference;
  }

  /** A request arrives at its client. */
  public void arrived(boolean isMeasured, long nowNanos) {
    arrived++;
    if (isMeasured) {
      measured++;
      if (beginNanos < 0) {
        beginNanos = nowNanos;
      }
    }
  }

  /** How many have arrived. */
  public long arrived() {
    return arrived;
  }

  /** A request of a session is sent somewhere. */
  public void sent(SimulatedRequest request, String endpoint) {
    if (!request.session().isEmpty()) {
      String home = homes.put(request.session(), endpoint);
      if (home != null) {
        turns++;
        if (!home.equals(endpoint)) {
          moves++;
        }
      }
    }
  }

  /** A request has its whole answer. */
  public void completed(
      SimulatedRequest request,
      boolean isMeasured,
      long arrivalNanos,
      long firstOutputNanos,
      long nowNanos) {
    completed++;
    lastNanos = nowNanos;
    if (!isMeasured) {
      return;
    }
    completedMeasured++;
    long total = nowNanos - arrivalNanos;
    long first = firstOutputNanos - arrivalNanos;
    firstOutput.add(first);
    endToEnd.add(total);
    boolean isGood = first * 1e-6 <= scenario.ttftObjectiveMillis();
    if (request.outputTokens() > 1) {
      long between = (nowNanos - firstOutputNanos) / (request.outputTokens() - 1);
      betweenOutputs.add(between);
      isGood &= between * 1e-6 <= scenario.itlObjectiveMillis();
    }
    if (isGood) {
      good++;
    }
    Tenant tenant = tenants.get(request.tenant());
    if (tenant == null) {
      tenant = new Tenant();
      tenants.put(request.tenant(), tenant);
      tenantsInOrder.add(tenant);
    }
    tenant.completed++;
    tenant.slowness += total * 1e-6 / alone(request);
    tenant.endToEnd.add(total);
  }

  private double alone(SimulatedRequest request) {
    double n = request.inputTokens();
    return Math.max(
        request.workNanos() * 1e-6,
        reference.a()
            + reference.b() * n
            + reference.c() * n * n
            + request.outputTokens() * (reference.c0() + reference.d() + reference.e() * n));
  }

  /** A request has come to nothing. */
  public void failed(long nowNanos) {
    failed++;
    lastNanos = nowNanos;
  }

  /** How many have ended, one way or the other. */
  public long ended() {
    return completed + failed;
  }

  /**
   * The summary.
   *
   * @param fleet what the endpoints did
   */
  public RunResult result(String policy, FleetTotals fleet, double wallSeconds) {
    double measuredSeconds = Math.max(1e-9, (lastNanos - Math.max(0, beginNanos)) * 1e-9);
    double throughput = completedMeasured / measuredSeconds;
    long unanswered = measured - completedMeasured;
    return new RunResult(
        scenario.workload().name(),
        scenario.fleet().name(),
        scenario.routers(),
        scenario.load(),
        scenario.rate(),
        policy,
        scenario.seed(),
        arrived,
        completed,
        failed,
        arrived - completed - failed,
        firstOutput.percentiles(unanswered),
        betweenOutputs.percentiles(),
        endToEnd.percentiles(unanswered),
        firstOutput.percentiles(),
        endToEnd.percentiles(),
        measured == 0 ? 0 : good / (double) measured,
        throughput,
        throughput / Math.max(1, fleet.endpoints()),
        fleet.workCv(),
        fleet.prefixHitRate(),
        fleet.modelLoads(),
        fleet.wastedShare(),
        jain(),
        tenantSpread(),
        turns == 0 ? 0 : moves / (double) turns,
        lastNanos * 1e-9,
        wallSeconds);
  }

  /** Jain, Chiu and Hawe, "A quantitative measure of fairness", 1984, over the mean slowness. */
  private double jain() {
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (Tenant tenant : tenantsInOrder) {
      if (tenant.completed >= MIN_TENANT_REQUESTS) {
        double slowness = tenant.slowness / tenant.completed;
        sum += slowness;
        squares += slowness * slowness;
        count++;
      }
    }
    return count == 0 ? 1 : sum * sum / (count * squares);
  }

  private double tenantSpread() {
    double least = Double.MAX_VALUE;
    double most = 0;
    for (Tenant tenant : tenantsInOrder) {
      if (tenant.completed >= MIN_TENANT_REQUESTS) {
        double p99 = tenant.endToEnd.percentiles().p99();
        least = Math.min(least, p99);
        most = Math.max(most, p99);
      }
    }
    return most == 0 || least == 0 ? 1 : most / least;
  }
}
