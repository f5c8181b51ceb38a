/**
 * What a decision costs: {@link io.inferencerouter.benchmarks.jmh.AcquireComplete} measures the
 * router, {@link io.inferencerouter.benchmarks.jmh.Floors} what no router can do without.
 *
 * <p>Figures of different runs, or of different machines, cannot be compared; the ratio between the
 * two classes in one run can.
 */
@NullMarked
package io.inferencerouter.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
