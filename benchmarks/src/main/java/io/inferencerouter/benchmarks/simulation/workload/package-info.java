/** What arrives: traces and seeded generators. */
@NullMarked
package io.inferencerouter.benchmarks.simulation.workload;

import org.jspecify.annotations.NullMarked;
