package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.core.testing.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.WebSocket;

/**
 * Several web sockets at a time compete for two slots; each has a plan of its own for what the
 * server and what the caller do. Whatever the interleaving, every socket and every lease ends, and
 * nothing stays reserved.
 */
class WebSocketLifecycleTest {
  private static SharedServer shared;
  private static ExecutorService threads;

  /** What the server does after its messages. */
  enum End {
    CLOSE,
    FAULT,
    CUT,
    STAY
  }

  enum Caller {
    LISTENS,
    CANCELS_AT_ONCE,
    CANCELS_WHEN_OPEN,
    CLOSES_AT_ONCE,
    CLOSES_WHEN_OPEN
  }

  record Plan(Wire wire, int messages, End end, Caller caller) {}

  @BeforeContainer
  static void start() throws Exception {
    shared = new SharedServer();
    shared.server.onSocket(WebSocketLifecycleTest::answer);
    threads = Executors.newCachedThreadPool();
  }

  @AfterContainer
  static void stop() throws Exception {
    threads.shutdownNow();
    shared.stop();
  }

  private static void answer(SocketPeer peer) {
    HttpUrl plan = HttpUrl.get("http://inference" + peer.target);
    int messages = Integer.parseInt(plan.queryParameter("messages"));
    for (int i = 0; i < messages; i++) {
      peer.send("message " + i);
    }
    switch (End.valueOf(plan.queryParameter("end"))) {
      case CLOSE -> peer.close(1000);
      case FAULT -> peer.close(1011);
      case CUT -> peer.cut();
      case STAY -> {}
    }
  }

  @Provide
  Arbitrary<Plan> plans() {
    return Combinators.combine(
            Arbitraries.of(Wire.class),
            Arbitraries.of(0, 1, 20),
            Arbitraries.of(End.class),
            Arbitraries.of(Caller.class))
        .as(Plan::new);
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void everySocketAndEveryLeaseEndsAndNothingStaysReserved(
      @ForAll @Size(min = 1, max = 8) List<@From("plans") Plan> plans) throws Exception {
    List<Future<RecordedSocket>> all = new ArrayList<>();
    for (Plan plan : plans) {
      all.add(threads.submit(follow(plan)));
    }
    List<RecordedSocket> heard = new ArrayList<>();
    for (Future<RecordedSocket> one : all) {
      heard.add(one.get(60, TimeUnit.SECONDS));
    }
    Waiting.until(shared.observed::everyLeaseHasEnded, "every lease to end");
    Waiting.until(() -> shared.router.snapshot().queued() == 0, "the queue to be empty");
    for (EndpointSnapshot endpoint : shared.router.snapshot().endpoints()) {
      assertThat(endpoint.inFlight()).isZero();
      assertThat(endpoint.reservedInput()).isZero();
      assertThat(endpoint.reservedOutput()).isZero();
    }
    for (int i = 0; i < heard.size(); i++) {
      assertThat(heard.get(i).ends()).as("ends of %s", plans.get(i)).hasSize(1);
    }
  }

  private static Callable<RecordedSocket> follow(Plan plan) {
    String query = "?messages=" + plan.messages() + "&end=" + plan.end();
    String url = "ws://inference" + TestServer.SOCKETS + query;
    RecordedSocket heard =
        new RecordedSocket() {
          @Override
          public void onClosing(WebSocket socket, int code, String reason) {
            super.onClosing(socket, code, reason);
            socket.close(1000, null);
          }
        };
    return () -> {
      WebSocket socket =
          ((WebSocket.Factory) shared.calls.get(plan.wire()))
              .newWebSocket(new Request.Builder().url(url).build(), heard);
      socket.send("question");
      switch (plan.caller()) {
        case LISTENS -> {
          awaitStart(heard);
          if (plan.end() == End.STAY) {
            socket.close(1000, null);
          }
        }
        case CANCELS_AT_ONCE -> socket.cancel();
        case CANCELS_WHEN_OPEN -> {
          awaitStart(heard);
          socket.cancel();
        }
        case CLOSES_AT_ONCE -> socket.close(1000, null);
        case CLOSES_WHEN_OPEN -> {
          awaitStart(heard);
          socket.close(4000, null);
        }
      }
      Waiting.until(() -> !heard.ends().isEmpty(), "the socket to come to its end");
      return heard;
    };
  }

  private static void awaitStart(RecordedSocket heard) {
    Waiting.until(
        () -> heard.opened.size() + heard.failures.size() > 0, "the socket to open or fail");
  }
}
