package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import io.inferencerouter.FaultIsolated;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.RouterListener;
import io.inferencerouter.Usage;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("kinds")
class RoutingInterceptorTest extends RoutedTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String SECRET = "sk-this-must-not-be-seen";

  /** How a client gets it. */
  enum Added {
    TO_THE_CLIENT,
    ALONE
  }

  private final Added added;

  RoutingInterceptorTest(Wire wire, Added added) throws Exception {
    super(wire);
    this.added = added;
  }

  static Stream<Arguments> kinds() {
    return Stream.of(Wire.values())
        .flatMap(wire -> Stream.of(Added.values()).map(added -> Arguments.of(wire, added)));
  }

  @Override
  Call.Factory routed(InferenceRouter router, OkHttpClient client) {
    return add(RoutingInterceptor.create(router), client);
  }

  private OkHttpClient add(RoutingInterceptor routing, OkHttpClient client) {
    return added == Added.ALONE
        ? client.newBuilder().addInterceptor(routing).build()
        : routing.addTo(client);
  }

  private OkHttpClient routedClient() {
    return (OkHttpClient) calls;
  }

  @Test
  void aCallGoesToTheEndpointAndItsLeaseEndsWithTheBody() throws Exception {
    use(Endpoint.of("a", server.uri() + "/gpu-1/v1"));
    server.script(
        e ->
            e.respond(
                200,
                "application/json",
                "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}"));
    try (Response response = call().execute()) {
      assertThat(observed.outcomes).isEmpty();
      assertThat(response.body().string()).contains("usage");
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.success().withUsage(Usage.of(7, 3)));
    Exchange exchange = server.take();
    assertThat(exchange.target).isEqualTo("/gpu-1/v1/chat/completions");
    assertThat(new String(exchange.body, java.nio.charset.StandardCharsets.UTF_8)).isEqualTo(CHAT);
    assertThat(observed.acquired.remove().request().model()).isEqualTo("m");
  }

  @Test
  void anEnqueuedCallIsRoutedToo() throws Exception {
    RecordedCallback callback = new RecordedCallback();
    call().enqueue(callback);
    try (Response response = callback.response()) {
      assertThat(response.body().string()).isEqualTo("{}");
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void aBodyClosedBeforeItsEndIsACancel() throws Exception {
    server.script(this::beginsAStream);
    try (Response response = call().execute()) {
      assertThat(observed.firstTokens).isEmpty();
      response.body().source().readUtf8LineStrict();
      assertThat(observed.firstTokens).hasSize(1);
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  @Test
  void aResponse429IsPassedOnAndItsTimeCounts() throws Exception {
    RoutingInterceptor routing =
        RoutingInterceptor.builder(router)
            .clock(Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC))
            .build();
    calls = add(routing, client);
    server.script(
        e ->
            e.header("Retry-After", "Thu, 01 Jan 2026 00:00:09 GMT")
                .respond(429, "text/plain", "slow down"));
    try (Response response = call().execute()) {
      assertThat(response.code()).isEqualTo(429);
      assertThat(response.body().string()).isEqualTo("slow down");
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.rateLimited(Duration.ofSeconds(9)));
  }

  @Test
  void aConnectionThatIsCutIsAServerFault() throws Exception {
    server.script(Exchange::cut);
    assertThatThrownBy(() -> call().execute()).isInstanceOf(IOException.class);
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
  }

  @Test
  void anInterceptorBehindItThatThrowsEndsTheLease() throws Exception {
    OkHttpClient defect =
        routedClient()
            .newBuilder()
            .addInterceptor(
                chain -> {
                  throw new IllegalStateException("a defect");
                })
            .build();
    assertThatThrownBy(() -> defect.newCall(request().build()).execute()).hasMessage("a defect");
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
  }

  @Test
  void aCallThatIsShedGets429WithoutAnyNetwork() throws Exception {
    use(
        InferenceRouters.builder()
            .endpoint(endpoint().maxConcurrency(1).build())
            .listener(observed)
            .maxQueueTime(Duration.ZERO)
            .build(),
        client().build());
    occupyAllSlots();
    try (Response response = call().execute()) {
      assertThat(response.code()).isEqualTo(429);
      assertThat(response.header("Retry-After")).isNotNull();
      assertThat(response.body().string()).contains("\"code\":\"no_free_slot\"");
      assertThat(response.request().url().host()).isEqualTo("inference");
    }
    assertThat(server.requests()).isZero();
  }

  @Test
  void aCallWithoutAnyEndpointFails() {
    use(new Endpoint[0]);
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(IOException.class)
        .hasCauseInstanceOf(NoEndpointException.class);
  }

  @Test
  void aClassifierThatFailsHarmsNothing() throws Exception {
    BlockingQueue<FaultIsolated> faults = new LinkedBlockingQueue<>();
    RoutingInterceptor routing =
        RoutingInterceptor.builder(router)
            .classifier(request -> null)
            .listener(
                new RouterListener() {
                  @Override
                  public void faultIsolated(FaultIsolated event) {
                    faults.add(event);
                  }
                })
            .build();
    calls = add(routing, client);
    call().execute().close();
    assertThat(faults).hasSize(1);
    assertThat(observed.acquired.remove().request().model()).isEmpty();
  }

  @Test
  void aCallThatIsCancelledWhileItWaitsLeavesTheQueue() throws Exception {
    occupyAllSlots();
    Call call = call();
    Future<Response> response = threads.submit(call::execute);
    observed.awaitQueued();
    call.cancel();
    assertThatThrownBy(response::get).hasRootCauseMessage("Canceled");
    awaitAnEmptyQueue();
    assertThat(server.requests()).isZero();
  }

  @Test
  void theDispatcherCancelsCallsThatWaitToo() throws Exception {
    occupyAllSlots();
    RecordedCallback enqueued = new RecordedCallback();
    call().enqueue(enqueued);
    observed.awaitQueued();
    Future<Response> executed = threads.submit(() -> call().execute());
    observed.awaitQueued();
    client.dispatcher().cancelAll();
    assertThat(enqueued.failure()).hasMessage("Canceled");
    assertThatThrownBy(executed::get).hasRootCauseMessage("Canceled");
    awaitAnEmptyQueue();
  }

  @Test
  void aThreadThatIsInterruptedWhileItWaitsLeavesTheQueue() throws Exception {
    occupyAllSlots();

    assertLeavesTheQueueWhenInterrupted(call());
  }

  @Test
  void aCallThatWaitsTooLongTimesOut() {
    use(client().callTimeout(SHORT).build(), endpoint().build());
    occupyAllSlots();
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
    awaitAnEmptyQueue();
  }

  @Test
  void theTimeoutOfACallIsTheDeadlineOfItsRequest() throws Exception {
    use(client().callTimeout(Duration.ofMinutes(1)).build(), endpoint().build());
    call().execute().close();
    assertThat(observed.acquired.remove().request().deadline().orElseThrow())
        .isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
  }

  @Test
  void anEndpointThatDoesNotAnswerWithinTheCallTimeoutIsATimeout() throws Exception {
    use(client().callTimeout(SHORT).build(), endpoint().build());
    server.script(e -> awaitRelease());
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
    assertThat(observed.outcome()).isEqualTo(Outcome.timeout());
  }

  @Test
  void aBodyThatDoesNotEndWithinTheCallTimeoutIsATimeout() throws Exception {
    use(client().callTimeout(Duration.ofMillis(500)).build(), endpoint().build());
    server.script(this::beginsAStream);
    try (Response response = call().execute()) {
      assertThatThrownBy(() -> response.body().string()).isInstanceOf(InterruptedIOException.class);
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.timeout());
  }

  @Test
  void aCallThatIsCancelledWhileItAwaitsTheHeadersIsACancelAlsoWithATimeout() throws Exception {
    use(client().callTimeout(Duration.ofMinutes(5)).build(), endpoint().build());
    server.script(e -> awaitRelease());
    Call call = call();
    Future<Response> response = threads.submit(call::execute);
    server.take();
    call.cancel();
    assertThatThrownBy(response::get).hasCauseInstanceOf(IOException.class);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  /** As the interceptors of SDKs do that try again. */
  private static Response twice(Interceptor.Chain chain) throws IOException {
    Response first = chain.proceed(chain.request());
    if (first.code() != 503) {
      return first;
    }
    first.close();
    return chain.proceed(chain.request());
  }

  private void failFirst() {
    List<Exchange> seen = new ArrayList<>();
    server.script(
        e -> {
          seen.add(e);
          e.respond(seen.size() == 1 ? 503 : 200, "application/json", "{}");
        });
  }

  @Test
  void anInterceptorBeforeItThatTriesAgainGetsANewLeaseForEachTry() throws Exception {
    failFirst();
    use(client().addInterceptor(RoutingInterceptorTest::twice).build(), endpoint().build());
    try (Response response = call().execute()) {
      assertThat(response.body().string()).isEqualTo("{}");
    }
    assertThat(observed.granted).hasValue(2);
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void anInterceptorBehindItThatTriesAgainKeepsItsLease() throws Exception {
    failFirst();
    OkHttpClient retrying =
        routedClient().newBuilder().addInterceptor(RoutingInterceptorTest::twice).build();
    try (Response response = retrying.newCall(request().build()).execute()) {
      assertThat(response.body().string()).isEqualTo("{}");
    }
    assertThat(server.requests()).isEqualTo(2);
    assertThat(observed.granted).hasValue(1);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void anSdkThatCallsAgainGetsANewLeaseForEachCall() throws Exception {
    failFirst();
    Response first = call().execute();
    first.close();
    try (Response second = routedClient().newCall(first.request()).execute()) {
      assertThat(second.code()).isEqualTo(200);
      assertThat(second.body().string()).isEqualTo("{}");
    }
    assertThat(observed.granted).hasValue(2);
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void anInterceptorThatTriesTheRequestOfTheResponseAgainStartsFromWhereItWas() throws Exception {
    failFirst();
    TestServer other = new TestServer();
    try {
      use(
          client()
              .addInterceptor(
                  chain -> {
                    Response first = chain.proceed(chain.request());
                    Request again = first.request().newBuilder().header("X-Try", "2").build();
                    first.close();
                    return chain.proceed(again);
                  })
              .build(),
          Endpoint.of("a", server.uri() + "/a/v1"));
      router.updateEndpoints(List.of(Endpoint.of("a", server.uri() + "/a/v1")));
      server.script(
          e -> {
            router.updateEndpoints(List.of(Endpoint.of("b", other.uri() + "/b")));
            e.respond(503, "text/plain", "gone");
          });
      call().execute().close();
      assertThat(server.take().target).isEqualTo("/a/v1/chat/completions");
      Exchange second = other.take();
      assertThat(second.target).isEqualTo("/b/v1/chat/completions");
      assertThat(second.headers.get("X-Try")).isEqualTo("2");
      assertThat(observed.granted).hasValue(2);
    } finally {
      other.stop();
    }
  }

  @Test
  void aCallOfACallFactoryOverTheSameClientKeepsItsLease() throws Exception {
    calls = RoutingCallFactory.create(router, routedClient());
    try (Response response = call().execute()) {
      assertThat(response.body().string()).isEqualTo("{}");
    }
    assertThat(observed.granted).hasValue(1);
    assertThat(server.take().target).isEqualTo("/v1/chat/completions");
  }

  @Test
  void aWebSocketOfACallFactoryOverTheSameClientKeepsItsLease() throws Exception {
    RecordedSocket heard = new RecordedSocket();
    Request request = new Request.Builder().url("ws://inference" + TestServer.SOCKETS).build();
    WebSocket socket =
        RoutingCallFactory.create(router, routedClient()).newWebSocket(request, heard);
    SocketPeer peer = server.takeSocket();
    Waiting.take(heard.opened, "the socket to open");
    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    assertThat(observed.granted).hasValue(1);
    peer.close(1000);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    socket.cancel();
  }

  @Test
  void twoOfThemTakeOneLease() throws Exception {
    OkHttpClient twice = add(RoutingInterceptor.create(router), routedClient());
    try (Response response = twice.newCall(request().build()).execute()) {
      assertThat(response.body().string()).isEqualTo("{}");
    }
    assertThat(observed.granted).hasValue(1);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void aWebSocketIsRoutedAndItsLeaseEndsWithTheHandshake() throws Exception {
    use(endpoint().credential(Credential.header("x-api-key", () -> SECRET)).build());
    RecordedSocket heard = new RecordedSocket();
    Request request = new Request.Builder().url("ws://inference" + TestServer.SOCKETS).build();
    WebSocket socket = routedClient().newWebSocket(request, heard);
    SocketPeer peer = server.takeSocket();
    assertThat(peer.headers.get("x-api-key")).containsExactly(SECRET);
    assertThat(Waiting.take(heard.responses, "the handshake").request().toString())
        .doesNotContain(SECRET);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    peer.send("answer");
    assertThat(Waiting.take(heard.messages, "a message")).isEqualTo("answer");
    socket.cancel();
  }

  @Test
  void asANetworkInterceptorItSaysWhatIsExpected() {
    OkHttpClient wrong = client().addNetworkInterceptor(RoutingInterceptor.create(router)).build();
    Request direct = new Request.Builder().url(server.uri()).build();
    assertThatThrownBy(() -> wrong.newCall(direct).execute())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected: addInterceptor");
  }

  @Test
  void theDispatcherLimitsHowManyGetHereUntilItIsRaised() throws Exception {
    server.script(
        e -> {
          awaitRelease();
          e.respond(200, "application/json", "{}");
        });
    client.dispatcher().setMaxRequestsPerHost(1);
    RecordedCallback callback = new RecordedCallback();
    for (int i = 0; i < 3; i++) {
      call().enqueue(callback);
    }
    server.take();
    assertThat(observed.granted).hasValue(1);
    assertThat(client.dispatcher().queuedCallsCount()).isEqualTo(2);
    client.dispatcher().setMaxRequestsPerHost(3);
    server.take();
    server.take();
    assertThat(router.snapshot().inFlight()).isEqualTo(3);
    release.countDown();
    for (int i = 0; i < 3; i++) {
      try (Response response = callback.response()) {
        assertThat(response.body().string()).isEqualTo("{}");
      }
    }
  }

  @Test
  void headersAndCredentialAreSentAndTheResponseDoesNotShowThem() throws Exception {
    BlockingQueue<String> before = new LinkedBlockingQueue<>();
    BlockingQueue<String> behind = new LinkedBlockingQueue<>();
    use(
        client()
            .addInterceptor(
                chain -> {
                  Response response = chain.proceed(chain.request());
                  before.add(chain.request() + " " + response + " " + response.request());
                  return response;
                })
            .build(),
        endpoint()
            .header("X-Tier", "gold")
            .credential(Credential.header("x-api-key", () -> SECRET))
            .build());
    OkHttpClient sdk =
        routedClient()
            .newBuilder()
            .addInterceptor(
                chain -> {
                  behind.add(chain.request().toString());
                  return chain.proceed(chain.request());
                })
            .build();
    Request request = request().header("x-api-key", "placeholder").header("X-Tier", "lead").build();
    try (Response response = sdk.newCall(request).execute()) {
      assertThat(response.request().header("x-api-key")).isEqualTo("placeholder");
      assertThat(response.request().header("X-Tier")).isEqualTo("lead");
    }
    Exchange exchange = server.take();
    assertThat(exchange.headers.getValuesList("x-api-key")).containsExactly(SECRET);
    assertThat(exchange.headers.getValuesList("X-Tier")).containsExactly("gold");
    assertThat(before).hasSize(1).noneMatch(text -> text.contains(SECRET));
    assertThat(behind).hasSize(1).allMatch(text -> text.contains(SECRET) == (added == Added.ALONE));
  }

  @Test
  void aRedirectDoesNotTakeACredentialElsewhere() throws Exception {
    TestServer other = new TestServer();
    try {
      server.script(
          e -> e.header("Location", other.uri() + "/there").respond(307, "text/plain", "there"));
      // An interceptor alone can only rely on what OkHttp itself takes away.
      use(
          endpoint()
              .credential(
                  added == Added.ALONE
                      ? Credential.bearer(SECRET)
                      : Credential.header("x-api-key", () -> SECRET))
              .build());
      call().execute().close();
      assertThat(server.take().headers.toString()).contains(SECRET);
      assertThat(other.take().headers.toString()).doesNotContain(SECRET);
    } finally {
      other.stop();
    }
  }
}
