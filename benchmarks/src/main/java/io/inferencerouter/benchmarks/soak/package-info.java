/** A long run of mixed faults in real time, over real sockets: nothing may be lost or left. */
@NullMarked
package io.inferencerouter.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
