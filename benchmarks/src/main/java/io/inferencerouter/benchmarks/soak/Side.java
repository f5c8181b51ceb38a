package io.inferencerouter.benchmarks.soak;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.RouterSnapshot;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.grpc.EndpointChannels;
import io.inferencerouter.grpc.RoutingChannel;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import okhttp3.OkHttpClient;

/** One transport's part of the soak: servers, a router before them, and those who call. */
final class Side implements AutoCloseable {
  private static final int SERVERS = 6;

  /** Makes a server. */
  private interface Maker {
    FaultyEndpoint make(String id, ExecutorService threads) throws IOException;
  }

  /** Makes somebody who calls as long as it goes on. */
  private interface CallerMaker {
    Runnable make(long seed, BooleanSupplier goesOn);
  }

  final String name;
  final Tally tally;
  final Weather weather;
  private final List<FaultyEndpoint> servers;
  private final InferenceRouter router;
  private final CallerMaker callers;
  private final Runnable end;

  private Side(
      String name,
      Tally tally,
      List<FaultyEndpoint> servers,
      InferenceRouter router,
      long seed,
      CallerMaker callers,
      Runnable end) {
    this.name = name;
    this.tally = tally;
    this.servers = servers;
    this.router = router;
    this.weather = new Weather(servers, router, seed);
    this.callers = callers;
    this.end = end;
  }

  /** Calls over OkHttp. */
  static Side overHttp(ExecutorService threads, ScheduledExecutorService timer, long seed)
      throws IOException {
    OkHttpClient client =
        new OkHttpClient.Builder()
            .connectTimeout(Duration.ofSeconds(1))
            .readTimeout(Duration.ofSeconds(1))
            .build();
    List<FaultyEndpoint> servers = servers(FaultyServer::new, threads);
    Tally tally = new Tally();
    InferenceRouter router = router(servers, tally).build();
    return new Side(
        "http",
        tally,
        servers,
        router,
        seed,
        (each, goesOn) ->
            new Caller(
                RoutingCallFactory.create(router, client),
                tally,
                each,
                new Pause(each),
                timer,
                goesOn),
        () -> {
          client.dispatcher().executorService().shutdown();
          client.connectionPool().evictAll();
        });
  }

  /** Calls over gRPC. */
  static Side overGrpc(ExecutorService threads, ScheduledExecutorService timer, long seed)
      throws IOException {
    List<FaultyEndpoint> servers = servers(FaultyGrpcServer::new, threads);
    Tally tally = new Tally();
    EndpointChannels channels =
        EndpointChannels.of(
            endpoint ->
                NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
                    .usePlaintext()
                    .build());
    InferenceRouter router = router(servers, tally).listener(channels).build();
    ManagedChannel channel = RoutingChannel.create(router, channels);
    return new Side(
        "grpc",
        tally,
        servers,
        router,
        seed,
        (each, goesOn) -> new GrpcCaller(channel, tally, each, new Pause(each), timer, goesOn),
        channel::shutdownNow);
  }

  private static List<FaultyEndpoint> servers(Maker maker, ExecutorService threads)
      throws IOException {
    List<FaultyEndpoint> servers = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      servers.add(maker.make("server-" + i, threads));
    }
    return servers;
  }

  private static InferenceRouters.Builder router(List<FaultyEndpoint> servers, Tally tally) {
    return InferenceRouters.builder()
        .endpoints(Weather.endpoints(servers, SERVERS))
        .health(
            HealthPolicy.builder().ejection(Duration.ofMillis(500), Duration.ofSeconds(4)).build())
        .listener(tally);
  }

  Runnable caller(long seed, BooleanSupplier goesOn) {
    return callers.make(seed, goesOn);
  }

  RouterSnapshot snapshot() {
    return router.snapshot();
  }

  /** Whether nothing is left of any request. */
  boolean isZero() {
    RouterSnapshot snapshot = router.snapshot();
    return snapshot.queued() == 0 && snapshot.endpoints().stream().allMatch(Side::isZero);
  }

  private static boolean isZero(EndpointSnapshot endpoint) {
    return endpoint.inFlight() == 0
        && endpoint.reservedInput().isZero()
        && endpoint.reservedOutput().isZero()
        && endpoint.reservedMemory() == 0;
  }

  @Override
  public void close() throws IOException {
    end.run();
    router.close();
    for (FaultyEndpoint server : servers) {
      server.close();
    }
  }

  @Override
  public String toString() {
    return String.format(
        "%s: calls %,d: answered %,d, cut %,d, given up %,d, failed %,d; of these safe to repeat"
            + " %,d, limits reached %,d; retried %,d, ejections %,d; %s",
        name,
        tally.calls(),
        tally.answered.sum(),
        tally.cut.sum(),
        tally.cancelled.sum(),
        tally.failed.sum(),
        tally.failedSafe.sum(),
        tally.limited.sum(),
        tally.retried.sum(),
        tally.ejections.sum(),
        weather);
  }
}
