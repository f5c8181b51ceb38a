package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.grpc.xds.shaded.com.github.xds.data.orca.v3.OrcaLoadReport;
import io.grpc.xds.shaded.com.github.xds.service.orca.v3.OpenRcaServiceGrpc;
import io.grpc.xds.shaded.com.github.xds.service.orca.v3.OrcaLoadReportRequest;
import io.inferencerouter.Endpoint;
import io.inferencerouter.LoadReport;
import io.inferencerouter.ProbeResult;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Health checks and load reports, against servers that use the real services and messages. */
class HealthAndLoadTest extends RoutedTest {
  private final HealthStatusManager health = new HealthStatusManager();
  private final BlockingQueue<ServerCallStreamObserver<OrcaLoadReport>> watchers =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<OrcaLoadReportRequest> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<LoadReport> reports = new LinkedBlockingQueue<>();
  private final VirtualScheduler scheduler = new VirtualScheduler();
  private Server server;

  private Endpoint start(BindableService... services) throws Exception {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    for (BindableService service : services) {
      builder.addService(service);
    }
    server = builder.build().start();
    Endpoint endpoint = Endpoint.of("only", "http://127.0.0.1:" + server.getPort());
    use(endpoint);
    return endpoint;
  }

  @AfterEach
  void stop() throws Exception {
    if (server != null) {
      server.shutdownNow();
      server.awaitTermination(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  private ServingStatus check(Endpoint endpoint, String service) throws Exception {
    return channels
        .checkHealth(endpoint, service, Duration.ofSeconds(Waiting.LIMIT_SECONDS))
        .get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void theHealthOfAServerAndOfItsServicesIsRead() throws Exception {
    Endpoint endpoint = start(health.getHealthService());
    health.setStatus("model", HealthCheckResponse.ServingStatus.NOT_SERVING);
    health.setStatus("new", HealthCheckResponse.ServingStatus.UNKNOWN);
    assertThat(check(endpoint, "")).isEqualTo(ServingStatus.SERVING);
    assertThat(check(endpoint, "model")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(check(endpoint, "new")).isEqualTo(ServingStatus.UNKNOWN);
    assertThat(check(endpoint, "other")).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
    assertThat(made).hasSize(1);
  }

  @Test
  void aProbeAsksForTheHealthOfAService() throws Exception {
    Endpoint endpoint = start(health.getHealthService());
    health.setStatus("model", HealthCheckResponse.ServingStatus.NOT_SERVING);

    assertThat(probe(endpoint, "").isHealthy()).isTrue();
    assertThat(probe(endpoint, "model").detail()).isEqualTo("NOT_SERVING");
    assertThat(probe(endpoint, "other").isHealthy()).isFalse();
  }

  @Test
  void aServerWithoutHealthChecksIsWellAsFarAsAProbeKnows() throws Exception {
    Endpoint endpoint = start(() -> ServerServiceDefinition.builder("none").build());
    assertThat(probe(endpoint, "").isHealthy()).isTrue();
  }

  @Test
  void aCallThatFindsTheOnlyStreamWithAHealthCheckGoesWhenThatHasEnded() throws Exception {
    BlockingQueue<StreamObserver<HealthCheckResponse>> checks = new LinkedBlockingQueue<>();
    HealthGrpc.HealthImplBase slow =
        new HealthGrpc.HealthImplBase() {
          @Override
          public void check(
              HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
            checks.add(answer);
          }
        };
    ExchangeServer only = new ExchangeServer("only", settings -> settings.addService(slow));
    servers.add(only);
    channels = channels().maxConcurrentStreams(1).build();
    router = router(only.endpoint().build()).build();
    channel = routing().build();
    var checked =
        channels.checkHealth(
            only.endpoint().build(), "", Duration.ofMinutes(Waiting.LIMIT_SECONDS));
    StreamObserver<HealthCheckResponse> check = Waiting.take(checks, "the check");

    RecordedListener<Answer> listener = unary(ask(1));
    assertThat(listener.isClosed()).isFalse();
    check.onNext(HealthCheckResponse.getDefaultInstance());
    check.onCompleted();

    assertThat(checked.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS))
        .isEqualTo(ServingStatus.UNKNOWN);
    assertThat(listener.status()).isEqualTo(Status.OK);
  }

  private ProbeResult probe(Endpoint endpoint, String service) throws Exception {
    return channels
        .healthProbe(service)
        .probe(endpoint, Duration.ofSeconds(Waiting.LIMIT_SECONDS))
        .toCompletableFuture()
        .get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void aServerWithoutHealthChecksSaysSo() throws Exception {
    Endpoint endpoint = start(() -> ServerServiceDefinition.builder("none").build());
    assertThat(check(endpoint, "")).isEqualTo(ServingStatus.UNIMPLEMENTED);
  }

  @Test
  void aServerThatIsGoneFailsTheCheck() throws Exception {
    Endpoint endpoint = start(health.getHealthService());
    server.shutdownNow().awaitTermination(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThatThrownBy(() -> check(endpoint, ""))
        .hasCauseInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("UNAVAILABLE");
    assertThatThrownBy(() -> channels.checkHealth(endpoint, "", Duration.ZERO))
        .hasMessage("timeout: PT0S (expected: above zero)");
  }

  /** Answers every subscriber with what the test says. */
  private BindableService loadService() {
    return () ->
        ServerServiceDefinition.builder(OpenRcaServiceGrpc.getServiceDescriptor())
            .addMethod(
                OpenRcaServiceGrpc.getStreamCoreMetricsMethod(),
                ServerCalls.asyncServerStreamingCall(
                    (request, observer) -> {
                      requests.add(request);
                      watchers.add((ServerCallStreamObserver<OrcaLoadReport>) observer);
                    }))
            .build();
  }

  private LoadSubscription subscribe(Endpoint endpoint) {
    return channels.watchLoad(endpoint, Duration.ofMillis(1_500), scheduler, reports::add);
  }

  @Test
  void loadReportsComeOutOfBand() throws Exception {
    LoadSubscription subscription = subscribe(start(loadService()));
    OrcaLoadReportRequest request = Waiting.take(requests, "the subscription");
    assertThat(request.getReportInterval().getSeconds()).isEqualTo(1);
    var watcher = Waiting.take(watchers, "the subscription");
    for (int i = 1; i <= 3; i++) {
      watcher.onNext(
          OrcaLoadReport.newBuilder()
              .setCpuUtilization(i)
              .putNamedMetrics("num_requests_waiting", 10 * i)
              .build());
      LoadReport report = Waiting.take(reports, "a report");
      assertThat(report.cpuUtilization()).hasValue(i);
      assertThat(report.namedMetrics()).containsEntry("num_requests_waiting", 10.0 * i);
    }
    subscription.close();
    subscription.close();
    Waiting.until(watcher::isCancelled, "the server to hear");
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void aStreamOfReportsThatEndsIsOpenedAgain() throws Exception {
    LoadSubscription subscription = subscribe(start(loadService()));
    Waiting.take(watchers, "the subscription").onError(Status.INTERNAL.asRuntimeException());
    Waiting.until(() -> scheduler.pending() == 1, "the next attempt to be scheduled");
    scheduler.advanceMillis(1_000);
    Waiting.take(watchers, "the second subscription").onCompleted();
    Waiting.until(() -> scheduler.pending() == 1, "the next attempt to be scheduled");
    scheduler.advanceMillis(1_999);
    assertThat(watchers).isEmpty();
    scheduler.advanceMillis(1);
    Waiting.take(watchers, "the third subscription")
        .onNext(OrcaLoadReport.newBuilder().setEps(1).build());
    Waiting.take(reports, "a report");
    subscription.close();
  }

  @Test
  void aServerWithoutReportsIsAskedOnce() throws Exception {
    LoadSubscription subscription = subscribe(start(health.getHealthService()));
    Waiting.until(subscription::isClosed, "the subscription to end");
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void reportsEndWithTheEndpoint() throws Exception {
    LoadSubscription subscription = subscribe(start(loadService()));
    var watcher = Waiting.take(watchers, "the subscription");
    router.updateEndpoints(List.of());
    Waiting.until(watcher::isCancelled, "the server to hear");
    Waiting.until(subscription::isClosed, "the subscription to end");
    assertThat(scheduler.pending()).isZero();
  }

  @Test
  void aReportInTheTrailersIsPassedOn() throws Exception {
    ExchangeServer only = serve("only");
    Metadata trailers = new Metadata();
    trailers.put(
        Metadata.Key.of("endpoint-load-metrics-bin", Metadata.BINARY_BYTE_MARSHALLER),
        OrcaLoadReport.newBuilder().setApplicationUtilization(0.75).build().toByteArray());
    only.trailers = trailers;
    use(only.endpoint().build());
    assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);
    assertThat(
            router
                .snapshot()
                .endpoint("only")
                .orElseThrow()
                .loadReport()
                .orElseThrow()
                .applicationUtilization())
        .hasValue(0.75);
  }
}
