/**
 * What endpoints hold in their caches from earlier requests: which of them has read how much of a
 * prompt already, and where a conversation was last. All of it is of fixed size.
 */
@NullMarked
package io.inferencerouter.core.internal.affinity;

import org.jspecify.annotations.NullMarked;
