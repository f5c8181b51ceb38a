package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.core.testing.Waiting;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Response;
import okio.Timeout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Wire.class)
class CallTimeoutTest extends RoutedTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  CallTimeoutTest(Wire wire) throws Exception {
    super(wire);
  }

  @Test
  void theTimeoutOfACallIsThatOfTheClientAtFirst() {
    use(client().callTimeout(Duration.ofSeconds(7)).build(), endpoint().build());
    assertThat(call().timeout().timeoutNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(7));
    assertThat(call().timeout().hasDeadline()).isFalse();
  }

  @Test
  void anExecutedCallThatWaitsForASlotTimesOut() {
    use(client().callTimeout(SHORT).build(), endpoint().build());
    occupyAllSlots();
    Call call = call();
    assertThatThrownBy(call::execute)
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
    assertThat(call.isCanceled()).isTrue();
    awaitAnEmptyQueue();
  }

  @Test
  void anEnqueuedCallThatWaitsForASlotTimesOut() throws Exception {
    use(client().callTimeout(SHORT).build(), endpoint().build());
    occupyAllSlots();
    RecordedCallback callback = new RecordedCallback();
    call().enqueue(callback);
    assertThat(callback.failure()).isInstanceOf(InterruptedIOException.class).hasMessage("timeout");
    awaitAnEmptyQueue();
  }

  @Test
  void aDeadlineOfTheCallHoldsForTheWait() {
    occupyAllSlots();
    Call call = call();
    call.timeout().deadlineNanoTime(System.nanoTime() + SHORT.toNanos());
    assertThatThrownBy(call::execute).isInstanceOf(InterruptedIOException.class);
  }

  @Test
  void theWaitForASlotAndWhatFollowsShareOneDeadline() throws Exception {
    BlockingQueue<Timeout> used = new LinkedBlockingQueue<>();
    use(
        client()
            .callTimeout(Duration.ofMinutes(1))
            .addInterceptor(
                chain -> {
                  used.add(chain.call().timeout());
                  return chain.proceed(chain.request());
                })
            .build(),
        endpoint().build());
    occupyAllSlots();
    Call call = call();
    call.timeout().timeout(1, TimeUnit.HOURS);
    RecordedCallback callback = new RecordedCallback();
    long before = System.nanoTime();
    call.enqueue(callback);
    long after = System.nanoTime();
    observed.awaitQueued();
    freeSlots();
    callback.response().close();
    Timeout timeout = Waiting.take(used, "the call to be sent");
    assertThat(timeout.timeoutNanos()).isZero();
    assertThat(timeout.deadlineNanoTime() - TimeUnit.HOURS.toNanos(1)).isBetween(before, after);
  }

  @Test
  void ofATimeoutAndADeadlineTheEarlierOneHolds() throws Exception {
    BlockingQueue<Timeout> used = new LinkedBlockingQueue<>();
    use(
        client()
            .addInterceptor(
                chain -> {
                  used.add(chain.call().timeout());
                  return chain.proceed(chain.request());
                })
            .build(),
        endpoint().build());
    long deadline = System.nanoTime() + TimeUnit.HOURS.toNanos(1);
    Call call = call();
    call.timeout().timeout(2, TimeUnit.HOURS).deadlineNanoTime(deadline);
    call.execute().close();
    assertThat(used.remove().deadlineNanoTime()).isEqualTo(deadline);
    Call unlimited = call();
    unlimited.execute().close();
    assertThat(used.remove().hasDeadline()).isFalse();
  }

  @Test
  void theTimeoutOfACallIsTheDeadlineOfItsRequest() throws Exception {
    use(client().callTimeout(Duration.ofMinutes(1)).build(), endpoint().build());
    call().execute().close();
    assertThat(observed.acquired.remove().request().deadline().orElseThrow())
        .isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
    Call shorter = call();
    shorter.timeout().timeout(30, TimeUnit.SECONDS);
    shorter.execute().close();
    assertThat(observed.acquired.remove().request().deadline().orElseThrow())
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
  }

  @Test
  void aCallWithoutATimeoutGivesItsRequestNoDeadline() throws Exception {
    call().execute().close();
    assertThat(observed.acquired.remove().request().deadline()).isEmpty();
  }

  @Test
  void ofTheTimeoutAndTheDeadlineOfTheClassifierTheEarlierOneHolds() throws Exception {
    use(client().callTimeout(Duration.ofMinutes(1)).build(), endpoint().build());
    calls =
        RoutingCallFactory.builder(router, client)
            .classifier(r -> InferenceRequest.forAnyModel().deadline(Duration.ofDays(1)).build())
            .build();
    call().execute().close();
    assertThat(observed.acquired.remove().request().deadline().orElseThrow())
        .isLessThanOrEqualTo(Duration.ofMinutes(1));
    calls =
        RoutingCallFactory.builder(router, client)
            .classifier(r -> InferenceRequest.forAnyModel().deadline(SHORT).build())
            .build();
    call().execute().close();
    assertThat(observed.acquired.remove().request().deadline()).contains(SHORT);
    occupyAllSlots();
    try (Response response = call().execute()) {
      assertThat(response.code()).isEqualTo(429);
      assertThat(response.body().string()).contains("\"code\":\"deadline\"");
    }
  }

  @Test
  void aCallThatTimesOutWhileItWaitsIsShedForItsDeadline() throws Exception {
    use(client().callTimeout(SHORT).build(), endpoint().build());
    occupyAllSlots();
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(InterruptedIOException.class)
        .cause()
        .isInstanceOfSatisfying(
            OverloadedException.class,
            e -> assertThat(e.reason()).isEqualTo(OverloadedException.Reason.DEADLINE));
    assertThat(observed.shed).hasSize(1);
  }

  @Test
  void aDeadlineThatHasPassedEndsACallThatWouldHaveToWait() {
    occupyAllSlots();
    Call call = call();
    call.timeout().deadlineNanoTime(System.nanoTime() - 1);
    assertThatThrownBy(call::execute)
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
  }

  @Test
  void anEndpointThatDoesNotAnswerWithinTheCallTimeoutIsATimeout() {
    use(client().callTimeout(SHORT).build(), endpoint().build());
    server.script(e -> awaitRelease());
    assertThatThrownBy(() -> call().execute()).isInstanceOf(InterruptedIOException.class);
    assertThat(observed.outcomes).containsExactly(Outcome.timeout());
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
  void anEndpointThatDoesNotSendWithinTheReadTimeoutIsATimeout() {
    use(client().readTimeout(SHORT).build(), endpoint().build());
    server.script(e -> awaitRelease());
    assertThatThrownBy(() -> call().execute()).isInstanceOf(SocketTimeoutException.class);
    assertThat(observed.outcomes).containsExactly(Outcome.timeout());
  }

  @Test
  void aBodyThatStallsLongerThanTheReadTimeoutIsATimeout() throws Exception {
    use(client().readTimeout(SHORT).build(), endpoint().build());
    server.script(this::beginsAStream);
    try (Response response = call().execute()) {
      assertThatThrownBy(() -> response.body().string())
          .isInstanceOf(BrokenStreamException.class)
          .hasCauseInstanceOf(SocketTimeoutException.class);
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.timeout());
  }
}
