/**
 * gRPC: inference over the Open Inference Protocol (KServe v2) with a real model, a stream that is
 * left when it has said enough, and endpoints behind TLS with interceptors.
 */
@NullMarked
package io.inferencerouter.examples.grpc;

import org.jspecify.annotations.NullMarked;
