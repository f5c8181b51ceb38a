/** Changing a few bytes of a request body while it is written. */
@NullMarked
package io.inferencerouter.okhttp.internal.rewrite;

import org.jspecify.annotations.NullMarked;
