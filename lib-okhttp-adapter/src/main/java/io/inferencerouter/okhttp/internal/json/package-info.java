/** Everything that reads or writes JSON: the only package that knows the JSON library. */
@NullMarked
package io.inferencerouter.okhttp.internal.json;

import org.jspecify.annotations.NullMarked;
