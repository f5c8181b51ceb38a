/** SDKs that accept only a client or an interceptor: the router inside OkHttp. */
@NullMarked
package io.inferencerouter.examples.interceptor;

import org.jspecify.annotations.NullMarked;
