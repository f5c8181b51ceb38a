/** Load reports in the headers and trailers of responses. */
@NullMarked
package io.inferencerouter.okhttp.internal.load;

import org.jspecify.annotations.NullMarked;
