/** The arithmetic of learning: sums of evidence that fit into one word, and tables of them. */
@NullMarked
package io.inferencerouter.core.internal.learning;

import org.jspecify.annotations.NullMarked;
