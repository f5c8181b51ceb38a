package io.inferencerouter.benchmarks.simulation.workload;

import java.util.List;

/**
 * What a workload is like, and whether it pays to route it by cost. Immutable.
 *
 * @param requests how many there are
 * @param seconds from the first arrival to the last
 * @param requestsPerSecond in the mean; 0 when all arrive at once
 * @param gapVariation coefficient of variation of the time between arrivals; 1 is Poisson
 * @param peakToMean the busiest second against the mean one
 * @param input tokens of inputs
 * @param output tokens of answers
 * @param serviceMillis what a request costs a reference GPU (H100)
 * @param knownVariation the part of the variation of that cost that can be known when a request
 *     arrives: from its input, with the answer as long as all are in the mean
 * @param topWorkShare share of all that cost in the most expensive hundredth of the requests
 * @param prefixReuse share of input tokens that one prefix cache without bounds, for all, would
 *     know
 * @param prefixReuseInTurn the same with a cache at each of eight endpoints that take turns; what
 *     is between the two is to be won by routing
 * @param sessions how many; 0 where requests name none
 * @param turnsPerSession in the mean
 * @param mostTurns of a session
 * @param closedLoopShare share of requests that wait for an answer before them
 * @param tenants how many; 0 where requests name none
 * @param topTenantShare share of requests of the busiest tenant
 * @param models how many; 0 where requests name none
 * @param topModelShare share of requests of the most popular model
 * @param regions how many; 0 where requests name none
 * @param images how many in all
 */
public record TrafficProfile(
    String name,
    Workload.Kind kind,
    long requests,
    double seconds,
    double requestsPerSecond,
    double gapVariation,
    double peakToMean,
    Distribution input,
    Distribution output,
    Distribution serviceMillis,
    double knownVariation,
    double topWorkShare,
    double prefixReuse,
    double prefixReuseInTurn,
    int sessions,
    double turnsPerSession,
    int mostTurns,
    double closedLoopShare,
    int tenants,
    double topTenantShare,
    int models,
    double topModelShare,
    int regions,
    long images) {
  /** Whether cost-aware routing pays. */
  public enum Advice {
    /** It does. */
    PAYS,
    /** It does as far as costs can be told beforehand by more than the size of the input. */
    MAY_PAY,
    /** Plain least outstanding requests is as good, on equal endpoints. */
    PLAIN_IS_ENOUGH
  }

  /**
   * The advice, and why.
   *
   * @param reasons whole sentences, the most important first; at least one
   */
  public record Verdict(Advice advice, List<String> reasons) {
    public Verdict {
      reasons = List.copyOf(reasons);
    }
  }

  /**
   * Reads a workload to its end.
   *
   * @throws WorkloadException when it is malformed somewhere
   */
  public static TrafficProfile of(Workload workload) {
    Profiling profiling = new Profiling(workload.kind());
    for (SimulatedRequest request : workload) {
      profiling.add(request);
    }
    return profiling.result(workload.name());
  }

  /**
   * Whether cost-aware routing pays for it, by a rule of three questions: do costs that can be
   * known differ by more than half their mean, are prefixes reused, and are there several models.
   */
  public Verdict verdict() {
    return CostAwareness.judge(this);
  }
}
