package io.inferencerouter.benchmarks.simulation.measure;

/**
 * Percentiles of a time, in milliseconds; all 0 when nothing was recorded, and infinite where so
 * many requests came to nothing that it falls among them.
 */
public record Percentiles(double p50, double p95, double p99, double p999) {}
