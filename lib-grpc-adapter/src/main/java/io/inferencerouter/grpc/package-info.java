/**
 * The place of the gRPC adapter, a routing {@code Channel} over one channel per endpoint; it is not
 * released yet and this package holds no class.
 */
@NullMarked
package io.inferencerouter.grpc;

import org.jspecify.annotations.NullMarked;
