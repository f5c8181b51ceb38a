/**
 * What the router knows of its endpoints: the lock-free counters of each, and the immutable
 * snapshot of all.
 */
@NullMarked
package io.inferencerouter.core.internal.state;

import org.jspecify.annotations.NullMarked;
