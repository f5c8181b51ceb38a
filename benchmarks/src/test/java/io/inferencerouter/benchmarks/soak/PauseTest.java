package io.inferencerouter.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.grpc.EndpointChannels;
import io.inferencerouter.grpc.RoutingChannel;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever is refused waits for a moment, over HTTP and over gRPC alike. */
class PauseTest {
  private static final int CALLS = 30;

  /** So that a call which was just given up is in nobody's way. */
  private static final int SLOTS = 8;

  private enum Transport {
    HTTP,
    GRPC
  }

  private final List<Long> pauses = new ArrayList<>();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Tally tally = new Tally();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    threads.shutdownNow();
    timer.shutdownNow();
  }

  private FaultyEndpoint serve(Transport transport, Mood mood) throws IOException {
    FaultyEndpoint server =
        transport == Transport.HTTP
            ? new FaultyServer("server", threads)
            : new FaultyGrpcServer("server", threads);
    opened.add(server);
    server.mood(mood);
    return server;
  }

  private static Endpoint endpoint(FaultyEndpoint server) {
    return Endpoint.builder(server.id(), server.uri()).maxConcurrency(SLOTS).build();
  }

  /** Makes so many calls by a router of these endpoints, of which none is ever ejected. */
  private void call(Transport transport, boolean full, Endpoint... endpoints) {
    EndpointChannels channels =
        EndpointChannels.of(
            endpoint ->
                NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
                    .usePlaintext()
                    .build());
    InferenceRouter router =
        InferenceRouters.builder()
            .endpoints(List.of(endpoints))
            .health(HealthPolicy.none())
            .queueCapacity(0)
            .listener(channels)
            .build();
    opened.add(router);
    Pause pause = new Pause(1, pauses::add);
    Iterator<Integer> calls = Stream.iterate(0, i -> i + 1).limit(CALLS).iterator();
    BooleanSupplier goesOn =
        () -> {
          boolean more = calls.hasNext();
          if (more) {
            calls.next();
          }
          return more;
        };
    List<Lease> held = new ArrayList<>();
    for (int i = 0; full && i < SLOTS; i++) {
      held.add(router.acquire(InferenceRequest.anyModel()));
    }
    caller(transport, router, channels, pause, goesOn).run();
    held.forEach(Lease::close);
  }

  private Runnable caller(
      Transport transport,
      InferenceRouter router,
      EndpointChannels channels,
      Pause pause,
      BooleanSupplier goesOn) {
    if (transport == Transport.HTTP) {
      OkHttpClient client = new OkHttpClient.Builder().readTimeout(Duration.ofMinutes(1)).build();
      opened.add(() -> client.dispatcher().executorService().shutdown());
      opened.add(() -> client.connectionPool().evictAll());
      return new Caller(RoutingCallFactory.create(router, client), tally, 1, pause, timer, goesOn);
    }
    ManagedChannel channel = RoutingChannel.create(router, channels);
    opened.add(channel::shutdownNow);
    return new GrpcCaller(channel, tally, 1, pause, timer, goesOn);
  }

  @ParameterizedTest
  @EnumSource
  void whileNobodyIsInServiceEachCallIsFollowedByAPause(Transport transport) {
    call(transport, false);

    assertRefused();
  }

  @ParameterizedTest
  @EnumSource
  void soItIsWhileAllSlotsAreTaken(Transport transport) throws IOException {
    call(transport, true, endpoint(serve(transport, Mood.WELL)));

    assertRefused();
  }

  private void assertRefused() {
    assertThat(tally.answered.sum()).isZero();
    assertThat(tally.failed.sum()).isGreaterThan(CALLS / 2); // the others were given up meanwhile
    assertThat(pauses).hasSize((int) tally.failed.sum()).allMatch(millis -> millis > 0);
  }

  @ParameterizedTest
  @EnumSource
  void whatAnEndpointSaysIsNoReasonToPause(Transport transport) throws IOException {
    call(transport, false, endpoint(serve(transport, Mood.FAILING)));

    assertThat(tally.failed.sum()).isPositive();
    assertThat(pauses).isEmpty();
  }
}
