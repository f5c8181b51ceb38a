/**
 * What is out, as far as somebody has to know: streams that may stall, attempts that may have to be
 * moved, leases that may have been lost.
 */
@NullMarked
package io.inferencerouter.core.internal.watch;

import org.jspecify.annotations.NullMarked;
