package io.inferencerouter.benchmarks.simulation.server;

/**
 * What an endpoint did since the beginning.
 *
 * @param finished requests
 * @param inputTokens of the finished ones
 * @param cachedTokens of these, out of the prefix cache
 * @param outputTokens of the finished ones
 * @param pricedNanos the time all accepted work takes on this endpoint by its coefficients, each
 *     request alone and without cache hits
 * @param busyNanos the time in which it did anything
 * @param wastedNanos priced time of what it lost, preempted or was told to give up
 * @param preemptions sequences that lost their memory and were read again
 * @param modelLoads how often a model was brought into memory
 */
public record ServerTotals(
    long finished,
    long inputTokens,
    long cachedTokens,
    long outputTokens,
    double pricedNanos,
    long busyNanos,
    double wastedNanos,
    long preemptions,
    long modelLoads) {}
