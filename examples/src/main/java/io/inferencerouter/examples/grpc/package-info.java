/**
 * gRPC: inference over the Open Inference Protocol (KServe v2) with a real model, the answer of a
 * language model token by token, left when it has said enough, and endpoints behind TLS with
 * interceptors.
 */
@NullMarked
package io.inferencerouter.examples.grpc;

import org.jspecify.annotations.NullMarked;
