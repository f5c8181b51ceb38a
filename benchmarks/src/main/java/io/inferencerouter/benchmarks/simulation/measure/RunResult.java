package io.inferencerouter.benchmarks.simulation.measure;

/**
 * What came of one run: one policy on one scenario with one seed.
 *
 * @param routers how many clients
 * @param load as a share of the measured saturation; 0 if a rate was given instead
 * @param rate requests per second offered
 * @param requests how many arrived
 * @param completed how many got their whole answer
 * @param failed how many got an error, after all attempts
 * @param lost how many got nothing till the end
 * @param ttftMillis from arrival to the first output, of all requests after the warm-up; one that
 *     failed or was lost took forever, whatever of its answer had come
 * @param itlMillis mean time between outputs of a request that got its whole answer
 * @param e2eMillis from arrival to the whole answer, of the same requests as the first output
 * @param answeredTtftMillis from arrival to the first output, of the requests that got their whole
 *     answer
 * @param answeredE2eMillis from arrival to the whole answer, of these
 * @param goodput share of the arrived that met the objective: first output and time between outputs
 * @param throughputRps requests completed per second
 * @param throughputRpsPerGpu the same for each endpoint
 * @param workCv coefficient of variation over endpoints of work by its price relative to capacity
 * @param prefixHitRate share of input tokens that came out of prefix caches
 * @param wastedShare share of work that was lost, preempted or given up
 * @param fairnessJain Jain's index over tenants of their mean normalised latency; 1 with one tenant
 * @param tenantP99Spread largest over smallest P99 of end-to-end time among tenants, of what was
 *     answered
 * @param churn share of requests of a session that went elsewhere than the turn before
 * @param simSeconds virtual time
 * @param wallSeconds real time
 */
public record RunResult(
    String workload,
    String fleet,
    int routers,
    double load,
    double rate,
    String policy,
    long seed,
    long requests,
    long completed,
    long failed,
    long lost,
    Percentiles ttftMillis,
    Percentiles itlMillis,
    Percentiles e2eMillis,
    Percentiles answeredTtftMillis,
    Percentiles answeredE2eMillis,
    double goodput,
    double throughputRps,
    double throughputRpsPerGpu,
    double workCv,
    double prefixHitRate,
    long modelLoads,
    double wastedShare,
    double fairnessJain,
    double tenantP99Spread,
    double churn,
    double simSeconds,
    double wallSeconds) {
  /** The same without the time it took: of the same code, the same bits with the same seed. */
  public RunResult timeless() {
    return new RunResult(
        workload,
        fleet,
        routers,
        load,
        rate,
        policy,
        seed,
        requests,
        completed,
        failed,
        lost,
        ttftMillis,
        itlMillis,
        e2eMillis,
        answeredTtftMillis,
        answeredE2eMillis,
        goodput,
        throughputRps,
        throughputRpsPerGpu,
        workCv,
        prefixHitRate,
        modelLoads,
        wastedShare,
        fairnessJain,
        tenantP99Spread,
        churn,
        simSeconds,
        0);
  }
}
