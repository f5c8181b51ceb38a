/** Attempts, one after another: which may follow, when, and how many all requests may make. */
@NullMarked
package io.inferencerouter.core.internal.execution;

import org.jspecify.annotations.NullMarked;
