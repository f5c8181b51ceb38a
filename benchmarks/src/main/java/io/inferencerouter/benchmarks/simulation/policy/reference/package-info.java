/**
 * References that know what no client can: true sizes, the true state of the endpoints, and what
 * other clients have just sent.
 *
 * <p>The policies here are clairvoyant but greedy: each request goes where it is best at that
 * moment by one measure. That is no bound: a policy that knows less can come out better, since the
 * best place for one request need not be the best for those after it. {@link FluidBound} is a
 * bound, though seldom a tight one.
 */
@NullMarked
package io.inferencerouter.benchmarks.simulation.policy.reference;

import org.jspecify.annotations.NullMarked;
