/**
 * Who decides: the router itself, published policies, and references that know more than any client
 * can.
 */
@NullMarked
package io.inferencerouter.benchmarks.simulation.policy;

import org.jspecify.annotations.NullMarked;
