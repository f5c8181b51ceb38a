/** What routing adds to a gRPC call. */
@NullMarked
package io.inferencerouter.benchmarks.grpc;

import org.jspecify.annotations.NullMarked;
