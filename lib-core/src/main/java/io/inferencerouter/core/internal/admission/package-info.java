/** When a request may go on: the queue of those that found all slots taken. */
@NullMarked
package io.inferencerouter.core.internal.admission;

import org.jspecify.annotations.NullMarked;
