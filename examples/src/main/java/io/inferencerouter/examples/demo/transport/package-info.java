/** How requests travel: through the adapter for OkHttp, or through the one for gRPC. */
@NullMarked
package io.inferencerouter.examples.demo.transport;

import org.jspecify.annotations.NullMarked;
