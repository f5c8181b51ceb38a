/**
 * Measures the router, compares it with its targets, and writes that down: {@link
 * io.inferencerouter.benchmarks.report.BenchmarkReport}.
 */
@NullMarked
package io.inferencerouter.benchmarks.report;

import org.jspecify.annotations.NullMarked;
