/**
 * Rivals that balance requests of any kind, each after its published description and with its
 * published defaults.
 *
 * <p>{@link io.inferencerouter.benchmarks.simulation.policy.classic.ClassicPolicies} lists them.
 * What they have in common is in {@code OutstandingBalancer}: who may serve a request, exact counts
 * of requests in flight, and whom to leave alone for a while. How a project reacts to failures is
 * part of how it balances; where its default is to leave a failing endpoint alone, so does its
 * policy here.
 */
@NullMarked
package io.inferencerouter.benchmarks.simulation.policy.classic;

import org.jspecify.annotations.NullMarked;
