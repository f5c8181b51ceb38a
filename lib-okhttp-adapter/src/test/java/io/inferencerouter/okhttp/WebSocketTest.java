package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.RouterClosedException;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.Waiting;
import java.io.InterruptedIOException;
import java.net.ServerSocket;
import java.net.SocketException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Also with a client that speaks only HTTP/2: OkHttp opens web sockets with HTTP/1.1 in any case.
 */
@ParameterizedClass
@EnumSource(Wire.class)
class WebSocketTest extends RoutedTest {
  private static final String SECRET = "sk-this-must-not-be-seen";
  private final RecordedSocket heard = new RecordedSocket();

  WebSocketTest(Wire wire) throws Exception {
    super(wire);
  }

  private WebSocket open(String path) {
    Request request = new Request.Builder().url("ws://inference" + path).build();
    return ((WebSocket.Factory) calls).newWebSocket(request, heard);
  }

  private WebSocket open() {
    return open(TestServer.SOCKETS);
  }

  @Test
  void messagesPassBothWaysAndTheLeaseIsHeldUntilTheEndpointCloses() throws Exception {
    WebSocket socket = open(TestServer.SOCKETS + "?model=m");
    SocketPeer peer = server.takeSocket();
    assertThat(Waiting.take(heard.opened, "the socket to open")).isSameAs(socket);
    assertThat(peer.target).isEqualTo(TestServer.SOCKETS + "?model=m");
    assertThat(socket.request().url().host()).isEqualTo("inference");
    assertThat(socket.send("question")).isTrue();
    assertThat(peer.take()).isEqualTo("question");
    assertThat(observed.firstTokens).isEmpty();
    peer.send("answer");
    assertThat(Waiting.take(heard.messages, "an answer")).isEqualTo("answer");
    assertThat(observed.firstTokens).hasSize(1);
    peer.send("more");
    assertThat(Waiting.take(heard.messages, "an answer")).isEqualTo("more");
    assertThat(observed.firstTokens).hasSize(1);
    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    peer.close(1000);
    assertThat(Waiting.take(heard.closing, "the endpoint to close")).isEqualTo(1000);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    socket.close(1000, null);
    assertThat(Waiting.take(heard.closed, "the socket to be closed")).isEqualTo(1000);
    assertThat(observed.outcomes).isEmpty();
    assertThat(heard.failures).isEmpty();
  }

  @Test
  void everyMessageIsProgressThatReturnsReservedOutput() throws Exception {
    calls =
        RoutingCallFactory.builder(router, client)
            .classifier(request -> InferenceRequest.forAnyModel().outputLimit(100).build())
            .build();
    WebSocket socket = open();
    SocketPeer peer = server.takeSocket();
    Duration before = router.snapshot().endpoints().get(0).reservedOutput();
    assertThat(before).isPositive();
    for (int i = 0; i < 50; i++) {
      peer.send("token");
    }
    for (int i = 0; i < 50; i++) {
      assertThat(Waiting.take(heard.messages, "a message")).isEqualTo("token");
    }
    Duration after = router.snapshot().endpoints().get(0).reservedOutput();
    assertThat(after).isLessThan(before.multipliedBy(3).dividedBy(4)).isPositive();
    socket.cancel();
  }

  @Test
  void theListenerHearsOfOneEndAndOfNothingAfterIt() throws Exception {
    RoutedWebSocket socket =
        new RoutedWebSocket((RoutingCallFactory) calls, request().get().build(), heard);
    RoutedAttempt attempt = new RoutedAttempt(router.acquire(InferenceRequest.anyModel()));
    LeasedListener client =
        new LeasedListener(socket, attempt, CallDeadline.afterMillis(0), heard, Clock.systemUTC());
    client.onClosing(socket, 1000, "");
    client.onClosed(socket, 1000, "");
    client.onFailure(socket, new SocketException("Broken pipe"), null);
    client.onClosed(socket, 1000, "");
    client.onMessage(socket, "late");
    assertThat(heard.ends()).containsExactly(1000);
    assertThat(heard.messages).isEmpty();
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @ParameterizedTest
  @CsvSource({
    "1000, SUCCESS",
    "1001, SUCCESS",
    "1008, REJECTED",
    "1011, SERVER_FAULT",
    "1012, SERVER_FAULT",
    "1013, RATE_LIMITED",
    "3000, REJECTED",
    "3008, TIMEOUT",
    "4000, REJECTED",
  })
  void theCodeWithWhichTheEndpointClosesIsTheOutcome(int code, Outcome.Kind kind) throws Exception {
    WebSocket socket = open();
    server.takeSocket().close(code);
    assertThat(observed.outcome().kind()).isEqualTo(kind);
    assertThat(Waiting.take(heard.closing, "the endpoint to close")).isEqualTo(code);
    socket.close(1000, null);
    Waiting.take(heard.closed, "the socket to be closed");
  }

  @ParameterizedTest
  @CsvSource({"1000, SUCCESS", "1001, SUCCESS", "1011, CANCELLED", "4000, CANCELLED"})
  void theCodeWithWhichThisSideClosesFirstIsNeverAFailureOfTheEndpoint(int code, Outcome.Kind kind)
      throws Exception {
    WebSocket socket = open();
    SocketPeer peer = server.takeSocket();
    assertThat(socket.close(code, "enough")).isTrue();
    assertThat(peer.takeClose()).isEqualTo(code);
    assertThat(observed.outcome().kind()).isEqualTo(kind);
    assertThat(socket.close(1000, null)).isFalse();
    assertThat(socket.send("late")).isFalse();
    Waiting.take(heard.closed, "the socket to be closed");
  }

  @Test
  void cancellingAnOpenSocketEndsTheLeaseAtOnce() throws Exception {
    WebSocket socket = open();
    server.takeSocket();
    Waiting.take(heard.opened, "the socket to open");
    socket.cancel();
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(heard.failure().status()).isZero();
  }

  @Test
  void aSocketThatIsCutIsAServerFault() throws Exception {
    WebSocket socket = open();
    SocketPeer peer = server.takeSocket();
    Waiting.take(heard.opened, "the socket to open");
    peer.cut();
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
    assertThat(heard.failure().socket()).isSameAs(socket);
  }

  @Test
  void aListenerThatThrowsIsNotAFailureOfTheEndpoint() throws Exception {
    RecordedSocket throwing =
        new RecordedSocket() {
          @Override
          public void onMessage(WebSocket socket, String text) {
            throw new IllegalStateException("a defect of the listener");
          }
        };
    Request request = new Request.Builder().url("ws://inference" + TestServer.SOCKETS).build();
    ((WebSocket.Factory) calls).newWebSocket(request, throwing);
    server.takeSocket().send("answer");
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(throwing.failure().failure()).hasMessage("a defect of the listener");
  }

  @ParameterizedTest
  @CsvSource({
    "503, SERVER_FAULT",
    "504, TIMEOUT",
    "429, RATE_LIMITED",
    "401, REJECTED",
    "200, REJECTED",
    "307, REJECTED"
  })
  void aHandshakeThatIsRefusedFailsWithItsResponse(int status, Outcome.Kind kind) throws Exception {
    TestServer elsewhere = new TestServer();
    try {
      server.script(
          e ->
              e.header("Location", elsewhere.uri() + TestServer.SOCKETS)
                  .header("Retry-After", "7")
                  .respond(status, "text/plain", "no"));
      open("/v1/no/sockets/here");
      RecordedSocket.Failure failure = heard.failure();
      assertThat(failure.status()).isEqualTo(status);
      assertThat(failure.failure()).hasMessageContaining("Expected HTTP 101");
      Outcome outcome = observed.outcome();
      assertThat(outcome.kind()).isEqualTo(kind);
      if (status == 429) {
        assertThat(outcome.retryAfter()).contains(Duration.ofSeconds(7));
      }
      assertThat(elsewhere.requests()).isZero();
    } finally {
      elsewhere.stop();
    }
  }

  @Test
  void anEndpointThatCannotBeReachedIsAServerFault() throws Exception {
    int nobody;
    try (ServerSocket closed = new ServerSocket(0)) {
      nobody = closed.getLocalPort();
    }
    use(Endpoint.of("down", "http://127.0.0.1:" + nobody));
    WebSocket socket = open();
    socket.close(1000, null);
    assertThat(heard.failure().status()).isZero();
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
    assertThat(socket.send("late")).isFalse();
  }

  @Test
  void aSocketThatIsShedFailsWithTheResponse429() throws Exception {
    use(
        InferenceRouters.builder()
            .endpoint(endpoint().maxConcurrency(1).build())
            .listener(observed)
            .maxQueueTime(Duration.ZERO)
            .build(),
        client().build());
    occupyAllSlots();
    WebSocket socket = open();
    RecordedSocket.Failure failure = heard.failure();
    assertThat(failure.socket()).isSameAs(socket);
    assertThat(failure.status()).isEqualTo(429);
    assertThat(failure.failure())
        .hasMessage("Expected HTTP 101 response but was '429 Too Many Requests'");
    assertThat(failure.body()).contains("\"code\":\"no_free_slot\"");
    assertThat(socket.send("late")).isFalse();
    assertThat(socket.close(1000, null)).isFalse();
    assertThat(observed.shed).hasSize(1);
  }

  @Test
  void aSocketForWhichThereIsNoEndpointFails() throws Exception {
    use(new Endpoint[0]);
    open();
    assertThat(heard.failure().failure()).hasCauseInstanceOf(NoEndpointException.class);
  }

  @Test
  void aSocketThatWaitsWhenTheRouterIsClosedFails() throws Exception {
    occupyAllSlots();
    open();
    observed.awaitQueued();
    router.close();
    assertThat(heard.failure().failure()).hasCauseInstanceOf(RouterClosedException.class);
  }

  @Test
  void anExecutorThatRefusesIsAFailure() throws Exception {
    client.dispatcher().executorService().shutdown();
    open();
    assertThat(heard.failure().failure()).hasMessage("executor rejected");
    assertThat(observed.granted).hasValue(0);
  }

  @Test
  void whatIsSentWhileTheSocketWaitsArrivesInOrder() throws Exception {
    occupyAllSlots();
    WebSocket socket = open();
    observed.awaitQueued();
    for (int i = 0; i < 20; i++) {
      assertThat(socket.send("message " + i)).isTrue();
    }
    assertThat(socket.send("\u20ac")).isTrue();
    assertThat(socket.send(ByteString.encodeUtf8("bytes"))).isTrue();
    assertThat(socket.queueSize()).isEqualTo(10 * 9 + 10 * 10 + 3 + 5);
    freeSlots();
    SocketPeer peer = server.takeSocket();
    for (int i = 0; i < 20; i++) {
      assertThat(peer.take()).isEqualTo("message " + i);
    }
    assertThat(peer.take()).isEqualTo("\u20ac");
    Waiting.until(() -> socket.queueSize() == 0, "everything to be sent");
    socket.cancel();
  }

  @Test
  void aSocketThatIsClosedWhileItWaitsClosesWhenItIsOpen() throws Exception {
    occupyAllSlots();
    WebSocket socket = open();
    observed.awaitQueued();
    socket.send("last words");
    assertThatThrownBy(() -> socket.close(1005, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("close code: 1005");
    assertThatThrownBy(() -> socket.close(1000, "x".repeat(124)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(socket.close(1000, "x".repeat(123))).isTrue();
    assertThat(socket.close(1000, null)).isFalse();
    assertThat(socket.send("more")).isFalse();
    freeSlots();
    SocketPeer peer = server.takeSocket();
    assertThat(peer.take()).isEqualTo("last words");
    assertThat(peer.takeClose()).isEqualTo(1000);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void moreThanFitsWhileTheSocketWaitsClosesIt() throws Exception {
    occupyAllSlots();
    WebSocket socket = open();
    observed.awaitQueued();
    ByteString half = ByteString.of(new byte[8 << 20]);
    assertThat(socket.send(half)).isTrue();
    assertThat(socket.send(half)).isTrue();
    assertThat(socket.send("one more")).isFalse();
    assertThat(socket.close(1000, null)).isFalse();
    assertThat(socket.queueSize()).isEqualTo(16 << 20);
    socket.cancel();
    heard.failure();
  }

  @Test
  void aSocketThatIsCancelledWhileItWaitsLeavesTheQueue() throws Exception {
    occupyAllSlots();
    WebSocket socket = open();
    observed.awaitQueued();
    socket.cancel();
    socket.cancel();
    assertThat(heard.failure().failure()).hasMessage("Canceled");
    awaitAnEmptyQueue();
    freeSlots();
    assertThat(heard.failures).isEmpty();
  }

  @Test
  void aSocketThatWaitsTooLongForASlotTimesOut() throws Exception {
    use(client().callTimeout(Duration.ofMillis(200)).build(), endpoint().build());
    occupyAllSlots();
    open();
    assertThat(heard.failure().failure())
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
    assertThat(Waiting.take(observed.shed, "the request to be shed").reason())
        .isInstanceOfSatisfying(
            OverloadedException.class,
            e -> assertThat(e.reason()).isEqualTo(OverloadedException.Reason.DEADLINE));
  }

  @Test
  void aHandshakeThatTakesTooLongIsATimeout() throws Exception {
    use(client().callTimeout(Duration.ofMillis(500)).build(), endpoint().build());
    server.script(e -> awaitRelease());
    open("/v1/no/sockets/here");
    assertThat(heard.failure().failure()).isInstanceOf(InterruptedIOException.class);
    assertThat(observed.outcome()).isEqualTo(Outcome.timeout());
  }

  @Test
  void theCallTimeoutDoesNotEndAnOpenSocket() throws Exception {
    Duration timeout = Duration.ofMillis(500);
    use(client().callTimeout(timeout).build(), endpoint().build());
    WebSocket socket = open();
    SocketPeer peer = server.takeSocket();
    Waiting.take(heard.opened, "the socket to open");
    long open = System.nanoTime();
    Waiting.until(
        () -> System.nanoTime() - open > timeout.multipliedBy(2).toNanos(), "time to pass");
    peer.send("late");
    assertThat(Waiting.take(heard.messages, "a late message")).isEqualTo("late");
    socket.cancel();
  }

  @Test
  void socketsDoNotWaitForTheDispatcher() throws Exception {
    client.dispatcher().setMaxRequests(1);
    List<WebSocket> sockets = List.of(open(), open(), open());
    for (int i = 0; i < sockets.size(); i++) {
      server.takeSocket();
    }
    assertThat(router.snapshot().inFlight()).isEqualTo(3);
    sockets.forEach(WebSocket::cancel);
  }

  @Test
  void theCredentialOfTheEndpointIsSentAndNotShown() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    use(
        client()
            .addInterceptor(
                chain -> {
                  seen.add(chain.request().toString());
                  Response response = chain.proceed(chain.request());
                  seen.add(response.request().toString());
                  return response;
                })
            .build(),
        endpoint()
            .header("X-Tier", "gold")
            .credential(Credential.header("x-api-key", () -> SECRET))
            .build());
    Request request =
        new Request.Builder()
            .url("ws://inference" + TestServer.SOCKETS + "?key=" + "hidden")
            .header("X-Tier", "lead")
            .header("X-Other", "kept")
            .build();
    WebSocket socket = ((WebSocket.Factory) calls).newWebSocket(request, heard);
    SocketPeer peer = server.takeSocket();
    assertThat(peer.headers.get("x-api-key")).containsExactly(SECRET);
    assertThat(peer.headers.get("X-Tier")).containsExactly("gold");
    assertThat(peer.headers.get("X-Other")).containsExactly("kept");
    Response response = Waiting.take(heard.responses, "the handshake");
    assertThat(response.request().header("X-Tier")).isEqualTo("lead");
    seen.add(response.request().toString());
    seen.add(socket.request().toString());
    assertThat(seen).hasSize(4).noneMatch(text -> text.contains(SECRET));
    assertThat(socket.toString()).doesNotContain("hidden").contains("inference");
    socket.cancel();
  }

  @Test
  void aRequestThatIsNoGetIsRefused() {
    Request post =
        new Request.Builder().url("ws://inference/").post(RequestBody.create("", JSON)).build();
    assertThatThrownBy(() -> ((WebSocket.Factory) calls).newWebSocket(post, heard))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: GET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https", "ws", "wss"})
  void theSchemeOfTheRequestDoesNotMatter(String scheme) throws Exception {
    Request request =
        new Request.Builder().url(scheme + "://inference" + TestServer.SOCKETS).build();
    WebSocket socket = ((WebSocket.Factory) calls).newWebSocket(request, heard);
    server.takeSocket();
    socket.cancel();
  }
}
