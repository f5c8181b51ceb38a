package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.FullBacklog;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever gives up, gives up all of it: nothing is sent again, and nobody is to blame. */
class CancelledAtEachStageTest extends StageTest {
  private final CountDownLatch reached = new CountDownLatch(1);

  CancelledAtEachStageTest() throws Exception {}

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

  @ParameterizedTest
  @MethodSource("everyWayAndStage")
  void whereverTheAnswerStops(Way way, Stage stage) throws Exception {
    faulty.inject(stage.thatTells(reached::countDown));
    route(client().build(), stage);

    isCancelledThere(way, requestFor(stage));
  }

  @ParameterizedTest
  @EnumSource
  void whileTheNameIsLookedUp(Way way) throws Exception {
    routeBy(new SlowLookup(reached::countDown), client());

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
  void whileTheBodyIsSent(Way way) throws Exception {
    doesNotReadTheBody(reached::countDown);

    isCancelledThere(way, large());
  }
}
