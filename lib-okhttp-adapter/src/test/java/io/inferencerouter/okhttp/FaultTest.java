package io.inferencerouter.okhttp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.okhttp.fault.FaultProxy;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Two endpoints on real sockets. The first is behind a proxy that does it harm, and is always
 * preferred; the second is well. Everything else is as it is by default, health and retries among
 * it; each fault meets calls made in each {@link Way}.
 *
 * <table>
 *   <caption>What becomes of a call</caption>
 *   <tr><th>the first endpoint</th><th>any request</th><th>replayable</th><th>written once</th></tr>
 *   <tr><td>refuses connections; is not found; lets nobody in; speaks no TLS; has a wrong
 *       certificate</td><td>second</td><td>second</td><td>second</td></tr>
 *   <tr><td>refuses the stream; goes away without having looked (HTTP/2)</td><td>second</td>
 *       <td>second</td><td>fails</td></tr>
 *   <tr><td>resets, closes, half-closes, is silent or stopped, speaks no HTTP, or sends headers
 *       that are cut, stall or have no end</td><td>fails</td><td>second</td><td>fails</td></tr>
 *   <tr><td>resets while the body is sent, or does not read it</td><td>fails</td><td>second</td>
 *       <td>fails</td></tr>
 *   <tr><td>answers 502, 503 or 504</td><td>this answer</td><td>second</td>
 *       <td>this answer</td></tr>
 *   <tr><td>answers 429, with or without a time</td><td>this answer</td><td>second</td>
 *       <td>this answer</td></tr>
 *   <tr><td>begins an answer, and fails before the first byte of its body</td><td>fails</td><td>second</td>
 *       <td>fails</td></tr>
 *   <tr><td>resets, cuts or stalls within the body; sends less than declared</td>
 *       <td colspan="3">what has arrived, and then a failure</td></tr>
 *   <tr><td>ends a stream without its last event</td>
 *       <td colspan="3">what has arrived; a fault of the endpoint</td></tr>
 *   <tr><td>drips; sends more than declared, or what is no JSON; goes away and finishes</td>
 *       <td colspan="3">this answer</td></tr>
 *   <tr><td>is killed, stopped, rate limited or failing for longer</td>
 *       <td colspan="3">as above; it is ejected, and gets calls again when it is back</td></tr>
 *   <tr><td>any of it, and the caller cancels or the time of the call is over</td>
 *       <td colspan="3">fails at once, and nothing is sent again</td></tr>
 * </table>
 *
 * <p>An interceptor alone is not told of connections, so it does less: what it is not sure of is
 * sent again only if it is replayable.
 *
 * <p>After each test nothing is in flight, reserved or queued; no connection is in use, and all
 * that the client has opened are closed; the threads of client, router and proxy have ended.
 */
abstract class FaultTest extends RoutedTest {
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  /** A time-out of the client that does end, in tests of just that. */
  static final Duration SHORT = Duration.ofMillis(100);

  static final String JSON_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  static final String STREAM_HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

  final TestServer second = new TestServer();
  final FaultProxy faulty = new FaultProxy(server.port());
  private final Set<Thread> before = threadsOfRouters();
  private UnaryOperator<Interceptor.Chain> patience = UnaryOperator.identity();

  FaultTest(Wire wire) throws Exception {
    super(wire);
    server.script(exchange -> answer(exchange, "first"));
    second.script(exchange -> answer(exchange, "second"));
  }

  private static void answer(Exchange exchange, String name) throws IOException {
    if (new String(exchange.body, UTF_8).equals(STREAMED)) {
      exchange.respond(200, "text/event-stream", EVENT + ": " + name + "\n\n" + DONE);
    } else {
      exchange.respond(200, "application/json", "\"" + name + "\"");
    }
  }

  /** As by default, with a time-out that only a defect reaches. */
  @Override
  OkHttpClient.Builder client() {
    return super.client().retryOnConnectionFailure(true);
  }

  @BeforeEach
  @Override
  void setUp() {
    route(client().build());
  }

  void route(OkHttpClient client) {
    route(client, faulty.uri());
  }

  void route(OkHttpClient client, String first) {
    route(client, first, HealthPolicy.standard());
  }

  void route(OkHttpClient client, String first, HealthPolicy health) {
    use(
        InferenceRouters.builder()
            .endpoint(Endpoint.builder("1", first).maxConcurrency(8).build())
            .endpoint(Endpoint.builder("2", second.uri()).maxConcurrency(8).build())
            .selector(new FirstById())
            .health(health)
            .listener(observed)
            .build(),
        client);
  }

  /**
   * Sets a time-out of the client that holds for the first endpoint only. So the second one has all
   * the time it needs on a machine that is busy.
   */
  void losesPatience(UnaryOperator<Interceptor.Chain> timeout) {
    patience = timeout;
  }

  void losesPatienceReading() {
    losesPatience(chain -> chain.withReadTimeout((int) SHORT.toMillis(), MILLISECONDS));
  }

  Response sendPatiently(Interceptor.Chain chain) throws IOException {
    boolean isWell = chain.request().url().port() == second.port();
    return (isWell ? chain : patience.apply(chain)).proceed(chain.request());
  }

  Request chat() {
    return request().build();
  }

  Call call(Way way, Request request) {
    return call(way, request, InferenceApiClassifier.create());
  }

  Call call(Way way, Request request, RequestClassifier classifier) {
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    return way.calls(router, client, classifier, clock, List.of(this::sendPatiently))
        .newCall(request);
  }

  static RequestClassifier replayable() {
    return request -> InferenceRequest.forAnyModel().replayable(true).build();
  }

  /** Makes a call, and reads its response to the end. */
  String text(Way way, Request request) throws Exception {
    try (Response response = way.answer(call(way, request))) {
      return response.code() + " " + response.body().string();
    }
  }

  /** The kind of the outcome of the next lease that ends. */
  Outcome.Kind outcome() throws InterruptedException {
    return observed.outcome().kind();
  }

  /** Makes a call that the second endpoint answers after the first has failed it. */
  void isAnsweredByTheSecond(Way way, Request request, Outcome.Kind first) throws Exception {
    assertThat(text(way, request)).isEqualTo("200 \"second\"");
    assertThat(outcome()).isEqualTo(first);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(observed.outcomes).isEmpty();
  }

  /** Whoever has given up may have done so before the proxy was done with reading. */
  void awaitOneRequestToTheFirst() {
    Waiting.until(() -> faulty.requests() == 1, "the proxy to have read the request");
  }

  private static Set<Thread> threadsOfRouters() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("inference-router"))
        .collect(Collectors.toSet());
  }

  @AfterEach
  @Override
  void nothingIsLeft() throws Exception {
    release.countDown();
    try {
      ConnectionPool pool = client.connectionPool();
      Waiting.until(
          () -> client.dispatcher().runningCallsCount() == 0, "the client to have no calls");
      assertThat(client.dispatcher().queuedCallsCount()).isZero();
      Waiting.until(
          () -> pool.idleConnectionCount() == pool.connectionCount(), "connections to be idle");
      pool.evictAll();
      assertThat(pool.connectionCount()).isZero();
      Waiting.until(faulty::isIdle, "the connections of the proxy to be closed");
      for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
        assertThat(endpoint.reservedMemory()).isZero();
      }
    } finally {
      super.nothingIsLeft();
      faulty.close();
      second.stop();
    }
    assertThat(client.dispatcher().executorService().awaitTermination(30, TimeUnit.SECONDS))
        .isTrue();
    Waiting.until(() -> before.containsAll(threadsOfRouters()), "the router's thread to end");
  }
}
