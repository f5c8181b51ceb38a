package io.inferencerouter.grpc;

import io.grpc.ManagedChannel;
import io.inferencerouter.Endpoint;

/**
 * Makes the channel to an endpoint: with the transport, the TLS settings and the interceptors that
 * calls to this endpoint need.
 *
 * <pre>{@code
 * EndpointChannelFactory factory =
 *     endpoint -> Grpc.newChannelBuilderForAddress(
 *             endpoint.uri().getHost(), endpoint.uri().getPort(), TlsChannelCredentials.create())
 *         .build();
 * }</pre>
 *
 * <p>Called when the first call goes to an endpoint, and again when its {@linkplain Endpoint#uri()
 * address} has changed; once at a time for one endpoint. When it throws, the call is tried
 * elsewhere, and the failure counts against the endpoint.
 */
@FunctionalInterface
public interface EndpointChannelFactory {
  /** A new channel to the endpoint; it is shut down by the routing channel. */
  ManagedChannel create(Endpoint endpoint);
}
