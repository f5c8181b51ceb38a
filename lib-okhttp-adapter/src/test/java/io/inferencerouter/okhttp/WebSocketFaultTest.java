package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.AttemptsExhaustedException;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.okhttp.fault.Fault;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Request;
import okhttp3.WebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Web sockets that cannot be opened at the first endpoint: nothing was delivered yet. */
class WebSocketFaultTest extends FaultTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  private final RecordedSocket heard = new RecordedSocket();

  WebSocketFaultTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  private WebSocket open() {
    return ((WebSocket.Factory) calls)
        .newWebSocket(
            new Request.Builder().url("ws://inference" + TestServer.SOCKETS).build(), heard);
  }

  private void answers(Fault answer) {
    faulty.inject(
        link -> {
          link.awaitRequest();
          answer.befall(link);
        });
  }

  /** Opens a socket that the second endpoint accepts, with all that was sent before. */
  private void opensAtTheSecond(Outcome.Kind first) throws Exception {
    WebSocket socket = open();
    assertThat(socket.send("one")).isTrue();
    assertThat(socket.send("two")).isTrue();
    SocketPeer peer = second.takeSocket();
    assertThat(Waiting.take(heard.opened, "the socket to open")).isSameAs(socket);
    assertThat(socket.send("three")).isTrue();
    assertThat(peer.take()).isEqualTo("one");
    assertThat(peer.take()).isEqualTo("two");
    assertThat(peer.take()).isEqualTo("three");
    peer.send("answer");
    assertThat(Waiting.take(heard.messages, "an answer")).isEqualTo("answer");
    assertThat(outcome()).isEqualTo(first);
    assertThat(heard.failures).isEmpty();
    socket.close(1000, null);
    assertThat(Waiting.take(heard.closed, "the socket to be closed")).isEqualTo(1000);
    assertThat(outcome()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(observed.outcomes).isEmpty();
  }

  @Test
  void aRefusedConnection() throws Exception {
    route(client().build(), closedPort());

    opensAtTheSecond(Outcome.Kind.SERVER_FAULT);
  }

  @Test
  void aResetWithinTheHandshake() throws Exception {
    answers(link -> link.reset());

    opensAtTheSecond(Outcome.Kind.SERVER_FAULT);
  }

  @Test
  void anAnswerThatIsNoHandshake() throws Exception {
    String head =
        """
        HTTP/1.1 101 Switching Protocols
        Connection: Upgrade
        Upgrade: websocket
        Sec-WebSocket-Accept: nonsense

        """;
    answers(link -> link.send(head.replace("\n", "\r\n")));

    opensAtTheSecond(Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 502, 503, 504})
  void aStatusThatMayPass(int status) throws Exception {
    answers(link -> link.send("HTTP/1.1 " + status + " No\r\nContent-Length: 0\r\n\r\n"));

    opensAtTheSecond(
        status == 429
            ? Outcome.Kind.RATE_LIMITED
            : status == 504 ? Outcome.Kind.TIMEOUT : Outcome.Kind.SERVER_FAULT);
  }

  @Test
  void anEndpointThatIsTakenOutBeforeItHasAnswered() throws Exception {
    answers(
        link -> {
          router.eject("1", LONG);
          link.hold();
        });

    opensAtTheSecond(Outcome.Kind.SERVER_FAULT);
  }

  @Test
  void aSocketThatIsCancelledWhileItLeavesKeepsNoPlace() throws Exception {
    CompletableFuture<WebSocket> opening = new CompletableFuture<>();
    RouterListener cancels =
        new RouterListener() {
          @Override
          public void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {
            if (outcome.kind() == Outcome.Kind.SERVER_FAULT) {
              opening.orTimeout(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS).join().cancel();
            }
          }
        };
    use(
        InferenceRouters.builder()
            .endpoint(Endpoint.builder("1", faulty.uri()).build())
            .endpoint(Endpoint.builder("2", second.uri()).build())
            .selector(new FirstById())
            .executor(Runnable::run)
            .listener(observed)
            .listener(cancels)
            .build(),
        client().build());
    answers(
        link -> {
          router.eject("1", LONG);
          link.hold();
        });

    opening.complete(open());

    assertThat(heard.failure().status()).isZero();
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(outcome()).as("the place elsewhere").isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(router.snapshot().inFlight()).isZero();
  }

  @Test
  void aStatusThatWillNotPassIsTheCallersToSee() throws Exception {
    answers(link -> link.send("HTTP/1.1 401 No\r\nContent-Length: 3\r\n\r\nkey"));

    open();

    RecordedSocket.Failure failure = heard.failure();
    assertThat(failure.status()).isEqualTo(401);
    assertThat(failure.body()).isEqualTo("key");
    assertThat(outcome()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(observed.outcomes).isEmpty();
  }

  @Test
  void whereNoOtherEndpointHasRoomTheResponseIsTheCallersToSee() throws Exception {
    use(
        InferenceRouters.builder()
            .endpoint(Endpoint.builder("1", faulty.uri()).maxConcurrency(8).build())
            .endpoint(Endpoint.builder("2", second.uri()).maxConcurrency(1).build())
            .selector(new FirstById())
            .maxQueueTime(Duration.ZERO)
            .listener(observed)
            .build(),
        client().build());
    router.eject("1", LONG);
    Lease room = router.acquire(InferenceRequest.anyModel());
    observed.ignore(room);
    router.reinstate("1");
    answers(link -> link.send("HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbusy"));

    open();

    RecordedSocket.Failure failure = heard.failure();
    assertThat(failure.status()).isEqualTo(503);
    assertThat(failure.body()).isEqualTo("busy");
    assertThat(failure.failure().getSuppressed()).isNotEmpty();
    assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    room.close();
  }

  @Test
  void whereAllFailTheFailureNamesTheStateOfEachEndpoint() throws Exception {
    use(
        InferenceRouters.builder()
            .endpoint(Endpoint.builder("1", closedPort()).build())
            .endpoint(Endpoint.builder("2", closedPort()).build())
            .listener(observed)
            .build(),
        client().build());

    open();

    RecordedSocket.Failure failure = heard.failure();
    assertThat(failure.failure().getSuppressed()[0])
        .isInstanceOf(AttemptsExhaustedException.class)
        .hasMessageContaining("1 WARMING (")
        .hasMessageContaining("2 WARMING (");
    for (int i = 0; i < 3; i++) {
      assertThat(outcome()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    }
    assertThat(heard.failures).isEmpty();
  }

  @Test
  void whoCancelsDuringTheHandshakeIsNotTakenElsewhere() throws Exception {
    answers(link -> link.hold());
    WebSocket socket = open();
    awaitOneRequestToTheFirst();

    socket.cancel();

    assertThat(heard.failure().status()).isZero();
    assertThat(outcome()).isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(observed.outcomes).isEmpty();
    assertThat(socket.send("late")).isFalse();
  }

  @Test
  void theTimeOfTheCallIsThatOfAllHandshakes() throws Exception {
    route(client().callTimeout(SHORT).build());
    answers(link -> link.hold());

    open();

    heard.failure();
    assertThat(outcome()).isEqualTo(Outcome.Kind.TIMEOUT);
    assertThat(observed.outcomes).isEmpty();
  }
}
