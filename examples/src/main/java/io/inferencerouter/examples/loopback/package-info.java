/** Servers on loopback and a client, for the programs of the neighbouring packages. */
@NullMarked
package io.inferencerouter.examples.loopback;

import org.jspecify.annotations.NullMarked;
