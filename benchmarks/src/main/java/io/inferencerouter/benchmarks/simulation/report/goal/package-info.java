/** What the default has to reach, and whether it does. */
@NullMarked
package io.inferencerouter.benchmarks.simulation.report.goal;

import org.jspecify.annotations.NullMarked;
