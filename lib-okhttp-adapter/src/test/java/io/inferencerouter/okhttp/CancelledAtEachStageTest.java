package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.FullBacklog;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.okhttp.fault.Fault;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever gives up, gives up all of it: nothing is sent again, and nobody is to blame. */
class CancelledAtEachStageTest extends FaultTest {
  private final CountDownLatch reached = new CountDownLatch(1);

  CancelledAtEachStageTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  /** Lets the endpoint come to a stage and go no further. */
  private void comesTo(Fault stage) {
    faulty.inject(
        link -> {
          stage.befall(link);
          reached.countDown();
          link.hold();
        });
  }

  private void isCancelledThere(Way way, Request request) throws Exception {
    Call call = call(way, request, replayable());
    Future<String> text =
        threads.submit(
            () -> {
              try (Response response = way.answer(call)) {
                return response.body().string();
              }
            });
    Waiting.await(reached, "the stage");

    call.cancel();

    assertThatThrownBy(text::get).hasCauseInstanceOf(IOException.class);
    assertThat(call.isCanceled()).isTrue();
    assertThat(outcome()).isEqualTo(Outcome.Kind.CANCELLED);
    assertThat(observed.outcomes).isEmpty();
    assertThat(second.requests()).isZero();
  }

  /** A look-up cannot be interrupted. */
  @ParameterizedTest
  @EnumSource
  void whileTheNameIsLookedUp(Way way) throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    EventListener listener =
        new EventListener() {
          @Override
          public void canceled(Call call) {
            cancelled.countDown();
          }
        };
    Dns slow =
        host -> {
          reached.countDown();
          try {
            Waiting.await(cancelled, "the call to be cancelled");
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // and so it is
          }
          return Dns.SYSTEM.lookup("localhost");
        };
    route(
        client().eventListener(listener).dns(slow).build(),
        "http://inference.invalid:" + faulty.port());

    isCancelledThere(way, chat());
    assertThat(faulty.requests()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void whileItConnects(Way way) throws Exception {
    OkHttpClient client =
        client()
            .eventListener(
                new EventListener() {
                  @Override
                  public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
                    reached.countDown();
                  }
                })
            .build();
    try (FullBacklog blackhole = new FullBacklog()) {
      route(client, blackhole.uri());
      isCancelledThere(way, chat());
    }
  }

  @ParameterizedTest
  @EnumSource
  void withinTheHandshake(Way way) throws Exception {
    comesTo(link -> link.in().skipNBytes(1));
    route(client().build(), "https://localhost:" + faulty.port());

    isCancelledThere(way, chat());
  }

  @ParameterizedTest
  @EnumSource
  void whileTheBodyIsSent(Way way) throws Exception {
    faulty.inject(
        link -> {
          link.awaitHead();
          reached.countDown();
          awaitRelease();
        });

    isCancelledThere(way, request().post(RequestBody.create(new byte[20_000_000], JSON)).build());
  }

  @ParameterizedTest
  @EnumSource
  void beforeTheHeaders(Way way) throws Exception {
    comesTo(link -> link.awaitRequest());

    isCancelledThere(way, chat());
  }

  @ParameterizedTest
  @EnumSource
  void withinTheHeaders(Way way) throws Exception {
    comesTo(
        link -> {
          link.awaitRequest();
          link.send("HTTP/1.1 200 OK\r\nContent-Ty");
        });

    isCancelledThere(way, chat());
  }

  @ParameterizedTest
  @EnumSource
  void beforeTheFirstByteOfAStream(Way way) throws Exception {
    comesTo(
        link -> {
          link.awaitRequest();
          link.send(STREAM_HEAD);
        });

    isCancelledThere(way, streamed());
  }

  @ParameterizedTest
  @EnumSource
  void withinTheBody(Way way) throws Exception {
    comesTo(
        link -> {
          link.awaitRequest();
          link.send(JSON_HEAD + "Content-Length: 100\r\n\r\n{\"a\":");
        });

    isCancelledThere(way, chat());
  }
}
