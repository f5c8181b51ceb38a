/** A tiny stand-in for an inference endpoint, for the programs of the neighbouring packages. */
@NullMarked
package io.inferencerouter.examples.loopback;

import org.jspecify.annotations.NullMarked;
