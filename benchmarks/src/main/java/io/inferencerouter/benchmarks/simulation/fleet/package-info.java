/** Which endpoints there are, and what happens to them. */
@NullMarked
package io.inferencerouter.benchmarks.simulation.fleet;

import org.jspecify.annotations.NullMarked;
