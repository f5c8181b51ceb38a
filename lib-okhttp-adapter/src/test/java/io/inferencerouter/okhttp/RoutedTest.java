package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.testing.Observed;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * One server, one router, one client, one attempt for each call; and after every test, nothing that
 * is still reserved.
 */
abstract class RoutedTest {
  static final MediaType JSON = MediaType.get("application/json");
  static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":100}";

  static final String STREAMED =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"stream\":true}";
  static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
  static final String DONE = "data: [DONE]\n\n";

  final Observed observed = new Observed();
  final CountDownLatch release = new CountDownLatch(1);
  final ExecutorService threads = Executors.newCachedThreadPool();
  final TestServer server;
  private final Wire wire;
  private final List<Lease> occupied = new ArrayList<>();
  InferenceRouter router;
  OkHttpClient client;
  Call.Factory calls;

  RoutedTest(Wire wire) throws Exception {
    this.wire = wire;
    this.server = new TestServer();
  }

  @BeforeEach
  void setUp() {
    use(endpoint().build());
  }

  /** An endpoint at the server. */
  Endpoint.Builder endpoint() {
    return Endpoint.builder("gpu-1", server.uri()).maxConcurrency(64);
  }

  void use(Endpoint... endpoints) {
    use(client().build(), endpoints);
  }

  void use(OkHttpClient client, Endpoint... endpoints) {
    use(
        InferenceRouters.builder()
            .endpoints(List.of(endpoints))
            .listener(observed)
            .maxQueueTime(Duration.ofMinutes(5))
            .retries(RetryPolicy.none())
            .build(),
        client);
  }

  void use(InferenceRouter router, OkHttpClient client) {
    closeRouterAndClient();
    this.router = router;
    this.client = client;
    calls = routed(router, client);
  }

  /** What makes the calls of this test. */
  Call.Factory routed(InferenceRouter router, OkHttpClient client) {
    return RoutingCallFactory.create(router, client);
  }

  OkHttpClient.Builder client() {
    return new OkHttpClient.Builder()
        .protocols(wire.protocols())
        .readTimeout(Duration.ofMinutes(1))
        .retryOnConnectionFailure(false);
  }

  Request.Builder request() {
    return new Request.Builder()
        .url("http://inference/v1/chat/completions")
        .post(RequestBody.create(CHAT, JSON));
  }

  /** One whose body can be written only once. */
  Request oneShot() {
    return request().post(new OneShotBody(RequestBody.create(CHAT, JSON))).build();
  }

  /** One that asks for a stream. */
  Request streamed() {
    return request().post(RequestBody.create(STREAMED, JSON)).build();
  }

  /** An address that refuses connections. */
  static String closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }
  }

  Call call() {
    return calls.newCall(request().build());
  }

  /** Takes the slots of all endpoints, so that calls have to wait. */
  void occupyAllSlots() {
    int slots = 0;
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      slots += endpoint.endpoint().maxConcurrency();
    }
    for (int i = 0; i < slots; i++) {
      Lease lease = router.acquire(InferenceRequest.anyModel());
      observed.ignore(lease);
      occupied.add(lease);
    }
  }

  /** Gives the slots back. */
  void freeSlots() {
    occupied.forEach(Lease::close);
    occupied.clear();
  }

  /** Waits on the server's side until the test lets it go on. */
  void awaitRelease() throws InterruptedException {
    Waiting.await(release, "the test to go on");
  }

  /** Begins to answer with a stream, and goes on when the test lets it. */
  void beginsAStream(Exchange exchange) throws Exception {
    Exchange.send(exchange.begin(200, "text/event-stream"), "data: {}\n\n");
    awaitRelease();
  }

  /** Executes a call that has to wait, and interrupts its thread. */
  void assertLeavesTheQueueWhenInterrupted(Call call) throws InterruptedException {
    CountDownLatch interrupted = new CountDownLatch(1);
    Future<Response> response =
        threads.submit(
            () -> {
              try {
                return call.execute();
              } finally {
                if (Thread.currentThread().isInterrupted()) {
                  interrupted.countDown();
                }
              }
            });
    observed.awaitQueued();
    response.cancel(true);
    Waiting.await(interrupted, "the interrupt to be seen and kept");
    awaitAnEmptyQueue();
  }

  /**
   * Whoever gives up waiting leaves the queue, at the latest a moment after its caller has heard of
   * it.
   */
  void awaitAnEmptyQueue() {
    Waiting.until(() -> router.snapshot().queued() == 0, "the queue to be empty");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    release.countDown();
    occupied.forEach(Lease::close);
    try {
      awaitAnEmptyQueue();
      Waiting.until(observed::everyLeaseHasEnded, "every lease to end");
      for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
        assertThat(endpoint.inFlight()).as("in flight on %s", endpoint).isZero();
        assertThat(endpoint.reservedInput()).isZero();
        assertThat(endpoint.reservedOutput()).isZero();
      }
    } finally {
      threads.shutdownNow();
      closeRouterAndClient();
      server.stop();
    }
  }

  private void closeRouterAndClient() {
    if (router != null) {
      router.close();
    }
    if (client != null) {
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }
}
