/**
 * Rivals that know tokens: the routers of inference engines, each from its published description.
 *
 * <p>The originals are proxies in front of a fleet; here each client runs one of its own, so that
 * all policies are compared at the same place. Where a description leaves something open, the class
 * says what was taken, and of two readings the one that does better.
 */
@NullMarked
package io.inferencerouter.benchmarks.simulation.policy.inference;

import org.jspecify.annotations.NullMarked;
