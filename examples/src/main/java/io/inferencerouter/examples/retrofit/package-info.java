/** Retrofit: an interface as before, with the router as its call factory. */
@NullMarked
package io.inferencerouter.examples.retrofit;

import org.jspecify.annotations.NullMarked;
