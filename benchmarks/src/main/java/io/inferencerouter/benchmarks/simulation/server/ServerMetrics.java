package io.inferencerouter.benchmarks.simulation.server;

/**
 * What an engine's metrics page shows.
 *
 * @param running requests being worked at
 * @param waiting requests in its queue
 * @param waitingTokens input tokens in its queue, uncached ones
 * @param kvUsage share of its memory in use, 0 to 1
 * @param finished requests finished since the beginning
 */
public record ServerMetrics(
    int running, int waiting, long waitingTokens, double kvUsage, long finished) {}
