/** Many runs side by side, and what they say about each other. */
@NullMarked
package io.inferencerouter.benchmarks.simulation.experiment;

import org.jspecify.annotations.NullMarked;
