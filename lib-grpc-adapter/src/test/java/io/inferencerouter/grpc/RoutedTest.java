package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.StallPolicy;
import io.inferencerouter.core.testing.Observed;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/** Real servers, one router, one channel; and after every test, nothing that is still reserved. */
abstract class RoutedTest {
  final Observed observed = new Observed();
  final List<ExchangeServer> servers = new ArrayList<>();
  final List<ManagedChannel> made = new CopyOnWriteArrayList<>();
  private final List<Lease> occupied = new ArrayList<>();
  EndpointChannels channels;
  InferenceRouter router;
  RoutingChannel channel;

  ExchangeServer serve(String name) throws Exception {
    ExchangeServer server = new ExchangeServer(name);
    servers.add(server);
    return server;
  }

  /** What the factory of the routing channel makes. */
  ManagedChannel connect(Endpoint endpoint) {
    ManagedChannel fresh = open(endpoint);
    made.add(fresh);
    return fresh;
  }

  static ManagedChannel open(Endpoint endpoint) {
    return NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
        .usePlaintext()
        .maxInboundMessageSize(16 << 20)
        .build();
  }

  /** Starts a call, with everything that a unary one sends. */
  static RecordedListener<Answer> send(ClientCall<Ask, Answer> call, Ask ask) {
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(2);
    call.sendMessage(ask);
    call.halfClose();
    return listener;
  }

  RecordedListener<Answer> unary(Ask ask) {
    return send(call(channel, ExchangeGrpc.getUnaryMethod()), ask);
  }

  static Ask hang() {
    return Ask.newBuilder().setHang(true).build();
  }

  EndpointChannels.Builder channels() {
    return EndpointChannels.builder(this::connect);
  }

  InferenceRouters.Builder router(Endpoint... endpoints) {
    return InferenceRouters.builder()
        .endpoints(List.of(endpoints))
        .listener(observed)
        .listener(channels)
        .stalls(StallPolicy.none()) // a machine that stands still is no endpoint that does
        .maxQueueTime(Duration.ofMinutes(5));
  }

  RoutingChannel.Builder routing() {
    return RoutingChannel.builder(router, channels);
  }

  /** The channel with default settings over these endpoints. */
  RoutingChannel use(Endpoint... endpoints) {
    channels = channels().build();
    router = router(endpoints).build();
    channel = routing().build();
    return channel;
  }

  /** The channel over endpoints that come in turn: the first call goes to the first one. */
  void useInTurn(Endpoint... endpoints) {
    useInTurn(settings -> settings, endpoints);
  }

  void useInTurn(UnaryOperator<InferenceRouters.Builder> settings, Endpoint... endpoints) {
    AtomicInteger turn = new AtomicInteger();
    channels = channels().build();
    router =
        settings
            .apply(router(endpoints).selector((request, of) -> turn.getAndIncrement() % of.size()))
            .build();
    channel = routing().build();
  }

  /** With these, a call is not to be sent twice. */
  static CallOptions once() {
    return CallOptions.DEFAULT.withOption(
        RoutingChannel.INFERENCE_REQUEST, InferenceRequest.anyModel());
  }

  RecordedListener<Answer> unaryOnce(Ask ask) {
    return send(channel.newCall(ExchangeGrpc.getUnaryMethod(), once()), ask);
  }

  static ClientCall<Ask, Answer> call(io.grpc.Channel on, MethodDescriptor<Ask, Answer> method) {
    return on.newCall(method, CallOptions.DEFAULT);
  }

  /** A conversation that goes on as long as both sides like. */
  ClientCall<Ask, Answer> chat() {
    return call(channel, ExchangeGrpc.getChatMethod());
  }

  /** Starts a call, and asks for more messages than there will be. */
  static RecordedListener<Answer> open(ClientCall<Ask, Answer> call) {
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(100);
    return listener;
  }

  /** Starts a call whose caller throws when it is told that the call is ready. */
  static void assertADefectOfTheCallerCancels(ClientCall<Ask, Answer> call) throws Exception {
    RecordedListener<Answer> listener =
        new RecordedListener<>() {
          @Override
          public void onReady() {
            throw new IllegalStateException("a defect of the caller");
          }
        };
    call.start(listener, new Metadata());
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(listener.status().getCause()).hasMessage("a defect of the caller");
  }

  static Ask ask(int... sizes) {
    Ask.Builder ask = Ask.newBuilder();
    for (int size : sizes) {
      ask.addSizes(size);
    }
    return ask.build();
  }

  /** Takes the slots of all endpoints, so that calls have to wait. */
  void occupyAllSlots() {
    int slots = 0;
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      slots += endpoint.endpoint().maxConcurrency();
    }
    occupySlots(slots);
  }

  void occupySlots(int slots) {
    for (int i = 0; i < slots; i++) {
      Lease lease = router.acquire(InferenceRequest.anyModel());
      observed.ignore(lease);
      occupied.add(lease);
    }
    observed.acquired.clear();
  }

  void freeSlots() {
    occupied.forEach(Lease::close);
    occupied.clear();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    occupied.forEach(Lease::close);
    try {
      if (channel != null) {
        Waiting.until(() -> router.snapshot().queued() == 0, "the queue to be empty");
        Waiting.until(observed::everyLeaseHasEnded, "every lease to end");
        for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
          assertThat(endpoint.inFlight()).as("in flight on %s", endpoint).isZero();
          assertThat(endpoint.reservedInput()).isZero();
          assertThat(endpoint.reservedOutput()).isZero();
        }
        channel.shutdown();
        assertThat(channel.awaitTermination(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(channel.isTerminated()).isTrue();
        assertThat(made).allMatch(ManagedChannel::isTerminated);
      }
    } finally {
      if (channel != null) {
        channel.shutdownNow();
      }
      made.forEach(ManagedChannel::shutdownNow);
      if (router != null) {
        router.close();
      }
      for (ExchangeServer server : servers) {
        server.stop();
      }
    }
  }
}
