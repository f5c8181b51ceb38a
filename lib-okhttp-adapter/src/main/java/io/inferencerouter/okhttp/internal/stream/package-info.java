/** Looking at response bodies while they pass, byte for byte and in bounded memory. */
@NullMarked
package io.inferencerouter.okhttp.internal.stream;

import org.jspecify.annotations.NullMarked;
