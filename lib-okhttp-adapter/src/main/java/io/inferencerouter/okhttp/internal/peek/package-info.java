/** Reading the beginning of a request body, within a bound and without sending it. */
@NullMarked
package io.inferencerouter.okhttp.internal.peek;

import org.jspecify.annotations.NullMarked;
