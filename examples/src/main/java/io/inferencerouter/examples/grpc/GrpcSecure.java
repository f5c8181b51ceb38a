package io.inferencerouter.examples.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.inferencerouter.Credential;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.grpc.EndpointChannels;
import io.inferencerouter.grpc.KServeClassifier;
import io.inferencerouter.grpc.RoutingChannel;
import io.inferencerouter.kserve.GRPCInferenceServiceGrpc;
import io.inferencerouter.kserve.ModelInferResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.tls.HeldCertificate;

/**
 * An endpoint behind TLS that wants a token. The certificate authority and the token belong to the
 * endpoint, and an interceptor in front of the routing channel sees every call of the application
 * once, whatever the routing makes of it.
 */
public final class GrpcSecure {
  private static final String TOKEN = "a-token-that-only-this-endpoint-gets";
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private GrpcSecure() {}

  /** Starts the endpoint, calls it, and prints what went over the wire. */
  public static void main(String[] args) throws Exception {
    HeldCertificate certificate =
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
    try (MiniLm model = MiniLm.load();
        InferenceServer server =
            new InferenceServer(
                "secure",
                new SlowModel(model, Duration.ZERO),
                builder -> secured(builder, certificate))) {
      ChannelCredentials trust =
          TlsChannelCredentials.newBuilder()
              .trustManager(pem(certificate.certificatePem()))
              .build();
      EndpointChannels channels =
          EndpointChannels.of(
              endpoint ->
                  Grpc.newChannelBuilderForAddress(
                          endpoint.uri().getHost(), endpoint.uri().getPort(), trust)
                      .build());
      try (InferenceRouter router =
          InferenceRouters.builder()
              .listener(channels)
              .endpoint(server.endpoint("https").credential(Credential.bearer(TOKEN)).build())
              .build()) {
        RoutingChannel channel =
            RoutingChannel.builder(router, channels).classifier(KServeClassifier.create()).build();
        try {
          Counter counter = new Counter();
          ModelInferResponse response =
              GRPCInferenceServiceGrpc.newBlockingStub(
                      ClientInterceptors.intercept(channel, counter))
                  .modelInfer(Vectors.request(List.of("Nobody else can read this.")));
          System.out.printf(
              "%d numbers over TLS from %s; calls seen by the interceptor: %d%n",
              Vectors.first(response).length, response.getId(), counter.calls.get());
        } finally {
          channel.shutdown();
        }
      }
    }
  }

  private static NettyServerBuilder secured(
      NettyServerBuilder builder, HeldCertificate certificate) {
    try (InputStream chain = pem(certificate.certificatePem());
        InputStream key = pem(certificate.privateKeyPkcs8Pem())) {
      return builder.useTransportSecurity(chain, key).intercept(new TokenRequired());
    } catch (IOException e) {
      throw new IllegalStateException("certificate: cannot be read", e);
    }
  }

  private static InputStream pem(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Counts the calls of the application. */
  private static final class Counter implements ClientInterceptor {
    final AtomicInteger calls = new AtomicInteger();

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      calls.incrementAndGet();
      return next.newCall(method, options);
    }
  }

  /** Refuses calls without the token. */
  private static final class TokenRequired implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      if (!("Bearer " + TOKEN).equals(headers.get(AUTHORIZATION))) {
        call.close(Status.UNAUTHENTICATED.withDescription("token: missing"), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return next.startCall(call, headers);
    }
  }
}
