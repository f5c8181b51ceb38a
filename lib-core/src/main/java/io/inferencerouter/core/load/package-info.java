/** Reading what endpoints say of their load. */
@NullMarked
package io.inferencerouter.core.load;

import org.jspecify.annotations.NullMarked;
