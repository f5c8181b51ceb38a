/** Ways for threads to work together without waiting for each other. */
@NullMarked
package io.inferencerouter.core.internal.concurrent;

import org.jspecify.annotations.NullMarked;
