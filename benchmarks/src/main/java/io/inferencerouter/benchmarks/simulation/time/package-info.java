/** Virtual time. */
@NullMarked
package io.inferencerouter.benchmarks.simulation.time;

import org.jspecify.annotations.NullMarked;
