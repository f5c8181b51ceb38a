/** What routing adds to an HTTP call. */
@NullMarked
package io.inferencerouter.benchmarks.okhttp;

import org.jspecify.annotations.NullMarked;
