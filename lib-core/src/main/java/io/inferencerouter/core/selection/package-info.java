/**
 * Ready-made balancing policies; {@link io.inferencerouter.core.selection.Selectors} makes them.
 */
@NullMarked
package io.inferencerouter.core.selection;

import org.jspecify.annotations.NullMarked;
