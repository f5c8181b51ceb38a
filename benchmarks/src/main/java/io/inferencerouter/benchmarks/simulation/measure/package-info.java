/** What came of a run, in figures. */
@NullMarked
package io.inferencerouter.benchmarks.simulation.measure;

import org.jspecify.annotations.NullMarked;
