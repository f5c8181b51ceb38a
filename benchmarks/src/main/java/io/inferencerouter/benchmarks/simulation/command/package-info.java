/** The command line of the simulator. */
@NullMarked
package io.inferencerouter.benchmarks.simulation.command;

import org.jspecify.annotations.NullMarked;
