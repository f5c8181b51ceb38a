/** A balancing policy of one's own. */
@NullMarked
package io.inferencerouter.examples.selector;

import org.jspecify.annotations.NullMarked;
