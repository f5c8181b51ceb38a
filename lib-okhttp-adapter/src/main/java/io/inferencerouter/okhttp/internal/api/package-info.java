/** The inference APIs, described by what their requests look like. */
@NullMarked
package io.inferencerouter.okhttp.internal.api;

import org.jspecify.annotations.NullMarked;
