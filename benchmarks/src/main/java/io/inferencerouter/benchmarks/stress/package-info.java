/**
 * Races, tried millions of times on real processors with jcstress: two actors that run at the same
 * time, and an arbiter that looks at what is left.
 *
 * <p>Each class is about one thing that threads share. An outcome that is not listed fails the
 * test. {@link io.inferencerouter.benchmarks.stress.StressCheck} runs them all, and fails as well
 * if one of them has not really run: jcstress silently leaves out tests that need more processors
 * than there are.
 */
@NullMarked
package io.inferencerouter.benchmarks.stress;

import org.jspecify.annotations.NullMarked;
