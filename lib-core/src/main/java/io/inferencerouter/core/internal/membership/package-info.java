/** Which endpoints there are, and how they come and go. */
@NullMarked
package io.inferencerouter.core.internal.membership;

import org.jspecify.annotations.NullMarked;
