/** The first program: two endpoints, one call. */
@NullMarked
package io.inferencerouter.examples.quickstart;

import org.jspecify.annotations.NullMarked;
