package io.inferencerouter.benchmarks.simulation.workload;

/**
 * A distribution in numbers; all 0 when there is nothing.
 *
 * @param variation coefficient of variation: the standard deviation as a share of the mean
 */
public record Distribution(
    double mean, double p50, double p95, double p99, double max, double variation) {}
