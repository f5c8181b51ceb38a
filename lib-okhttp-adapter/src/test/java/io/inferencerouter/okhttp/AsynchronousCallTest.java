package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Wire.class)
class AsynchronousCallTest extends RoutedTest {
  AsynchronousCallTest(Wire wire) throws Exception {
    super(wire);
  }

  @Test
  void theCallbackGetsTheResponseAndTheCall() throws Exception {
    BlockingQueue<Call> heard = new LinkedBlockingQueue<>();
    Call call = call();
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException e) {
            throw new AssertionError(e);
          }

          @Override
          public void onResponse(Call answered, Response response) throws IOException {
            assertThat(response.body().string()).isEqualTo("{}");
            heard.add(answered);
          }
        });
    assertThat(Waiting.take(heard, "the response")).isSameAs(call);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void moreCallsRunAtOnceThanTheDispatcherAllowsForOneHost() throws Exception {
    int many = 20;
    CountDownLatch allThere = new CountDownLatch(many);
    server.script(
        e -> {
          allThere.countDown();
          awaitRelease();
          e.respond(200, "application/json", "{}");
        });
    Dispatcher dispatcher = client.dispatcher();
    assertThat(dispatcher.getMaxRequestsPerHost()).isLessThan(many);
    List<RecordedCallback> callbacks = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      RecordedCallback callback = new RecordedCallback();
      callbacks.add(callback);
      call().enqueue(callback);
    }
    Waiting.until(
        () -> allThere.getCount() == 0 || dispatcher.queuedCallsCount() > 0,
        "all calls to arrive at the same time");
    int heldBack = dispatcher.queuedCallsCount();
    release.countDown();
    for (RecordedCallback callback : callbacks) {
      try (Response response = callback.response()) {
        assertThat(response.body().string()).isEqualTo("{}");
      }
    }
    assertThat(heldBack).as("calls that the dispatcher held back").isZero();
  }

  @Test
  void theSlotsOfTheRouterLimitHowManyCallsRunAtOnce() throws Exception {
    use(endpoint().maxConcurrency(2).build());
    server.script(
        e -> {
          awaitRelease();
          e.respond(200, "application/json", "{}");
        });
    RecordedCallback callback = new RecordedCallback();
    for (int i = 0; i < 5; i++) {
      call().enqueue(callback);
    }
    server.take();
    server.take();
    for (int i = 0; i < 3; i++) {
      observed.awaitQueued();
    }
    assertThat(router.snapshot().inFlight()).isEqualTo(2);
    assertThat(server.requests()).isZero();
    release.countDown();
    for (int i = 0; i < 5; i++) {
      try (Response response = callback.response()) {
        assertThat(response.body().string()).isEqualTo("{}");
      }
    }
  }

  @Test
  void callsThatWaitForASlotHoldNoThread() throws Exception {
    ExecutorService one = Executors.newSingleThreadExecutor();
    use(client().dispatcher(new Dispatcher(one)).build(), endpoint().maxConcurrency(1).build());
    occupyAllSlots();
    List<RecordedCallback> callbacks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      RecordedCallback callback = new RecordedCallback();
      callbacks.add(callback);
      call().enqueue(callback);
      observed.awaitQueued();
    }
    one.submit(() -> {}).get(30, TimeUnit.SECONDS);
    freeSlots();
    for (RecordedCallback callback : callbacks) {
      try (Response response = callback.response()) {
        assertThat(response.body().string()).isEqualTo("{}");
      }
    }
  }

  @Test
  void enqueueReturnsWhileTheBodyOfTheRequestCannotBeRead() throws Exception {
    Call call = calls.newCall(request().post(new BlockedBody(release)).build());
    RecordedCallback callback = new RecordedCallback();
    call.enqueue(callback);
    assertThat(callback.pending()).isZero();
    release.countDown();
    callback.response().close();
  }

  @Test
  void anExecutorThatRefusesIsAFailure() throws Exception {
    client.dispatcher().executorService().shutdown();
    RecordedCallback callback = new RecordedCallback();
    call().enqueue(callback);
    assertThat(callback.failure())
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("executor rejected");
    assertThat(observed.granted).hasValue(0);
  }

  @Test
  void anExecutorThatRefusesAfterTheWaitGivesTheLeaseBack() throws Exception {
    ExecutorService one = Executors.newSingleThreadExecutor();
    use(client().dispatcher(new Dispatcher(one)).build(), endpoint().build());
    occupyAllSlots();
    RecordedCallback callback = new RecordedCallback();
    call().enqueue(callback);
    observed.awaitQueued();
    one.submit(() -> {}).get(30, TimeUnit.SECONDS);
    one.shutdown();
    freeSlots();
    assertThat(callback.failure()).hasMessage("executor rejected");
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  @Test
  void aCallbackThatThrowsEndsTheCall() throws Exception {
    BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
    ExecutorService executor =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task);
              thread.setUncaughtExceptionHandler((t, e) -> uncaught.add(e));
              return thread;
            });
    use(client().dispatcher(new Dispatcher(executor)).build(), endpoint().build());
    IllegalStateException defect = new IllegalStateException("a defect of the callback");
    Call call = call();
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException e) {
            throw new AssertionError(e);
          }

          @Override
          public void onResponse(Call answered, Response response) {
            throw defect;
          }
        });
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(Waiting.take(uncaught, "the defect to be seen")).isSameAs(defect);
    assertThat(call.isCanceled()).isTrue();
  }

  @Test
  void anInterceptorThatThrowsIsAFailureOfTheCall() throws Exception {
    ExecutorService executor =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task);
              thread.setUncaughtExceptionHandler((t, e) -> assertThat(e).hasMessage("a defect"));
              return thread;
            });
    use(
        client()
            .dispatcher(new Dispatcher(executor))
            .addInterceptor(
                chain -> {
                  throw new IllegalStateException("a defect");
                })
            .build(),
        endpoint().build());
    RecordedCallback callback = new RecordedCallback();
    call().enqueue(callback);
    assertThat(callback.failure()).hasRootCauseMessage("a defect");
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
  }
}
