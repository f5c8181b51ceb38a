/**
 * The way of a request, from classification to release.
 *
 * <p>{@link io.inferencerouter.core.internal.router.Pipeline} is the whole of it, as one readable
 * list; {@link io.inferencerouter.core.internal.router.PipelineRouter} puts the public contract
 * around it. A {@link io.inferencerouter.core.internal.router.Decision} is what a selector gets to
 * see, and becomes, once it has won a slot, the {@link
 * io.inferencerouter.core.internal.router.RoutedLease} that the caller holds.
 */
@NullMarked
package io.inferencerouter.core.internal.router;

import org.jspecify.annotations.NullMarked;
