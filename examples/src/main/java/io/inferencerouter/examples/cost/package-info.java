/** An estimate of one's own of what a request costs. */
@NullMarked
package io.inferencerouter.examples.cost;

import org.jspecify.annotations.NullMarked;
