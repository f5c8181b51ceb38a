/** Modelled endpoints. */
@NullMarked
package io.inferencerouter.benchmarks.simulation.server;

import org.jspecify.annotations.NullMarked;
