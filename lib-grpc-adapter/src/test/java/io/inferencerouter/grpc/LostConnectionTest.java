package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.RawHttp2Server.Treatment;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Connections that break while something is written, which gRPC does not call unavailable. */
class LostConnectionTest extends RoutedTest {
  private static final InferenceRequest ONCE = InferenceRequest.anyModel();
  private static final InferenceRequest OFTEN =
      InferenceRequest.forAnyModel().replayable(true).build();

  /** Ends the call under way with a status of the test's choice, as a transport would. */
  private final AtomicReference<Consumer<Status>> transport = new AtomicReference<>();

  private final CountDownLatch sent = new CountDownLatch(1);

  private final ClientStreamTracer.Factory tracers =
      new ClientStreamTracer.Factory() {
        @Override
        public ClientStreamTracer newClientStreamTracer(
            ClientStreamTracer.StreamInfo info, Metadata headers) {
          return new ClientStreamTracer() {
            @Override
            public void outboundHeaders() {
              sent.countDown();
            }
          };
        }
      };

  private final class Breakable implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(
          next.newCall(method, options.withStreamTracerFactory(tracers))) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          transport.set(
              status -> {
                listener.onClose(status, new Metadata());
                super.cancel("the test has ended it", null);
              });
          super.start(new Listener<A>() {}, headers);
        }
      };
    }
  }

  /** Makes a call whose first server reads it and says nothing, and ends it there. */
  private RecordedListener<Answer> broken(InferenceRequest request, Status status)
      throws Exception {
    ExchangeServer live = serve("live");
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.IGNORE, 100)) {
      channels =
          EndpointChannels.builder(
                  endpoint -> endpoint.id().equals("raw") ? raw(endpoint) : connect(endpoint))
              .build();
      AtomicInteger turn = new AtomicInteger();
      router =
          router(raw.endpoint("raw").build(), live.endpoint().build())
              .selector((asked, candidates) -> turn.getAndIncrement() % candidates.size())
              .build();
      channel = routing().build();
      CallOptions options =
          CallOptions.DEFAULT.withOption(RoutingChannel.INFERENCE_REQUEST, request);
      RecordedListener<Answer> listener =
          send(channel.newCall(ExchangeGrpc.getUnaryMethod(), options), ask(1));
      Waiting.await(sent, "the headers to be sent");
      transport.get().accept(status);
      Status unused = listener.status();
      return listener;
    }
  }

  private ManagedChannel raw(Endpoint endpoint) {
    ManagedChannel fresh =
        NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
            .usePlaintext()
            .intercept(new Breakable())
            .build();
    made.add(fresh);
    return fresh;
  }

  private static Status unknown(Throwable cause) {
    return Status.UNKNOWN.withDescription("channel closed").withCause(cause);
  }

  private void assertAnsweredElsewhere(Status status) throws Exception {
    RecordedListener<Answer> listener = broken(OFTEN, status);
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.message().getServer()).isEqualTo("live");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SUCCESS);
  }

  @Test
  void aChannelThatIsClosedUnderAWriteIsLeftForAnother() throws Exception {
    assertAnsweredElsewhere(unknown(new ClosedChannelException()));
  }

  @Test
  void aConnectionThatIsRefusedIsLeftForAnotherWhateverItIsCalled() throws Exception {
    assertAnsweredElsewhere(Status.INTERNAL.withCause(new ConnectException("refused")));
  }

  @Test
  void aRequestThatMustNotBeSentTwiceEndsAsUnavailable() throws Exception {
    IOException cause = new ClosedChannelException();
    RecordedListener<Answer> listener = broken(ONCE, unknown(cause));
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(listener.status().getDescription()).isEqualTo("channel closed");
    assertThat(listener.status().getCause()).isSameAs(cause);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
  }

  @Test
  void whatIsNoLossOfAConnectionStaysAsItIs() throws Exception {
    Status defect = unknown(new IllegalStateException("a defect of the transport"));
    RecordedListener<Answer> listener = broken(OFTEN, defect);
    assertThat(listener.status()).isSameAs(defect);
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
  }
}
