/**
 * Routes the calls of gRPC stubs: {@link io.inferencerouter.grpc.RoutingChannel} is a {@code
 * Channel} over one channel per endpoint.
 *
 * <p>A call takes this way:
 *
 * <ol>
 *   <li>A {@link io.inferencerouter.grpc.GrpcRequestClassifier} says what the call asks for, by its
 *       first message; {@link io.inferencerouter.grpc.KServeClassifier} reads the Open Inference
 *       Protocol that KServe and Triton speak.
 *   <li>The router grants a lease, at once or when a slot is free, or sheds the call, which its
 *       caller sees as {@code RESOURCE_EXHAUSTED} with a pushback.
 *   <li>The call is made on the channel of the lease's endpoint, which {@link
 *       io.inferencerouter.grpc.EndpointChannels} keep. What its caller has sent meanwhile follows.
 *   <li>What the endpoint answers is watched on its way to the caller: first message, further
 *       messages, load report, status. The lease ends with the status. Where it is {@code
 *       UNAVAILABLE} and nothing was answered, the way begins again with another lease.
 * </ol>
 */
@NullMarked
package io.inferencerouter.grpc;

import org.jspecify.annotations.NullMarked;
