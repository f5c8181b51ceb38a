/** The few messages of gRPC's own services, written to and read from the wire without protobuf. */
@NullMarked
package io.inferencerouter.grpc.internal.wire;

import org.jspecify.annotations.NullMarked;
