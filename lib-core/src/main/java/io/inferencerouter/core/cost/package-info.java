/** Ready-made cost estimators. */
@NullMarked
package io.inferencerouter.core.cost;

import org.jspecify.annotations.NullMarked;
