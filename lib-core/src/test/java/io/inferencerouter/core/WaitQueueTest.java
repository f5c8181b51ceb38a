package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.Priority;
import io.inferencerouter.RouterClosedException;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WaitQueueTest {
  private static final InferenceRequest REQUEST = InferenceRequest.forModel("m").build();

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();
  private final Queue<Runnable> handedOver = new ArrayDeque<>();
  private final InferenceRouter router = router(b -> {});

  private InferenceRouter router(Consumer<InferenceRouters.Builder> settings) {
    InferenceRouters.Builder builder =
        InferenceRouters.builder()
            .endpoint(Endpoint.builder("a", "http://a").maxConcurrency(1).model("m").build())
            .endpoint(Endpoint.builder("b", "http://b").maxConcurrency(1).model("other").build())
            .ticker(time)
            .scheduler(time)
            .executor(handedOver::add)
            .listener(events)
            .queueCapacity(3)
            .maxQueueTime(Duration.ofSeconds(5));
    settings.accept(builder);
    return builder.build();
  }

  private void runHandedOver() {
    while (!handedOver.isEmpty()) {
      handedOver.remove().run();
    }
  }

  private static InferenceRequest request(Priority priority) {
    return REQUEST.toBuilder().priority(priority).build();
  }

  private static void assertShed(
      CompletableFuture<Lease> future, OverloadedException.Reason reason) {
    assertThatThrownBy(future::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            OverloadedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void aFreeSlotIsGrantedAtOnce() throws Exception {
    CompletableFuture<Lease> granted = router.acquireAsync(REQUEST);

    assertThat(granted).isCompleted();
    granted.get().close();
    assertThat(handedOver).isEmpty();
  }

  @Test
  void aWaiterIsServedOnTheExecutorWhenASlotComesFree() throws Exception {
    Lease first = router.acquire(REQUEST);
    CompletableFuture<Lease> waiting = router.acquireAsync(REQUEST);
    assertThat(router.snapshot().queued()).isEqualTo(1);

    first.close();

    assertThat(waiting).isNotDone();
    runHandedOver();
    assertThat(waiting).isCompleted();
    assertThat(waiting.get().endpoint().id()).isEqualTo("a");
    waiting.get().close();
    assertIdle(router);
    assertThat(time.pending()).isZero();
  }

  @Test
  void aWaiterIsServedAlthoughTheExecutorThrowsWhenTheHealthIsToBeJudged() {
    AtomicBoolean broken = new AtomicBoolean();
    InferenceRouter fragile =
        router(
            b ->
                b.executor(
                    task -> {
                      if (broken.getAndSet(false)) {
                        throw new IllegalStateException("broken");
                      }
                      task.run();
                    }));
    Lease held = fragile.acquire(REQUEST);
    CompletableFuture<Lease> waiting = fragile.acquireAsync(REQUEST);

    broken.set(true);
    assertThatThrownBy(() -> held.complete(Outcome.rateLimited())).hasMessage("broken");

    assertThat(waiting).isCompleted();
    waiting.join().close();
  }

  @Test
  void waitersAreServedByTierAndThenByArrival() {
    Lease held = router.acquire(REQUEST);
    CompletableFuture<Lease> background = router.acquireAsync(request(Priority.BACKGROUND));
    CompletableFuture<Lease> standard = router.acquireAsync(request(Priority.STANDARD));
    CompletableFuture<Lease> critical = router.acquireAsync(request(Priority.CRITICAL));

    for (CompletableFuture<Lease> next : List.of(critical, standard, background)) {
      held.close();
      runHandedOver();
      assertThat(next).isCompleted();
      held = next.join();
    }
    held.close();
    assertIdle(router);
  }

  @Test
  void oneModelDoesNotBlockTheQueueForAnother() {
    router.acquire(REQUEST);
    InferenceRequest other = InferenceRequest.forModel("other").build();
    Lease onB = router.acquire(other);
    CompletableFuture<Lease> first = router.acquireAsync(REQUEST);
    CompletableFuture<Lease> second = router.acquireAsync(other);

    onB.close();
    runHandedOver();

    assertThat(first).isNotDone();
    assertThat(second).isCompleted();
  }

  @Test
  void aNewcomerDoesNotOvertakeThoseWhoWait() {
    Lease held = router.acquire(REQUEST);
    CompletableFuture<Lease> waiting = router.acquireAsync(REQUEST);
    held.close(); // granted, and not yet handed over
    CompletableFuture<Lease> newcomer = router.acquireAsync(REQUEST);

    runHandedOver();

    assertThat(waiting).isCompleted();
    assertThat(newcomer).isNotDone();
  }

  @Test
  void cancellingTakesTheRequestOutOfTheQueue() {
    Lease held = router.acquire(REQUEST);
    CompletableFuture<Lease> waiting = router.acquireAsync(REQUEST);

    assertThat(waiting.cancel(true)).isTrue();

    assertThat(router.snapshot().queued()).isZero();
    assertThat(time.pending()).isZero();
    held.close();
    assertIdle(router);
  }

  @Test
  void aTimeoutOfTheCallersOwnTakesTheRequestOutOfTheQueueToo() {
    router.acquire(REQUEST);
    CompletableFuture<Lease> waiting = router.acquireAsync(REQUEST);

    waiting.completeExceptionally(new IllegalStateException("the caller has lost patience"));

    assertThat(router.snapshot().queued()).isZero();
  }

  @Test
  void aLeaseThatIsGrantedWhileTheCallerCancelsIsReturned() {
    Lease held = router.acquire(REQUEST);
    CompletableFuture<Lease> waiting = router.acquireAsync(REQUEST);
    held.close();
    assertThat(router.snapshot().inFlight()).isEqualTo(1);

    waiting.cancel(true);
    runHandedOver();

    assertIdle(router);
  }

  static List<Throwable> whatExecutorsThrow() {
    return List.of(
        new RejectedExecutionException("shut down"),
        new IllegalStateException("broken"),
        new NoClassDefFoundError("gone"));
  }

  private InferenceRouter throwing(Throwable thrown, boolean afterwards) {
    return router(
        b ->
            b.health(HealthPolicy.none())
                .executor(
                    task -> {
                      if (afterwards) {
                        task.run();
                      }
                      WaitQueueTest.<RuntimeException>sneak(thrown);
                    }));
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> void sneak(Throwable thrown) throws X {
    throw (X) thrown;
  }

  @ParameterizedTest
  @MethodSource("whatExecutorsThrow")
  void aLeaseWhoseHandOverFailsIsReturnedAndTheCallerTold(Throwable thrown) {
    InferenceRouter throwing = throwing(thrown, false);
    Lease held = throwing.acquire(REQUEST);
    CompletableFuture<Lease> waiting = throwing.acquireAsync(REQUEST);

    held.close();

    assertThatThrownBy(waiting::join).hasCause(thrown);
    assertIdle(throwing);
    assertThat(events.faults).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("whatExecutorsThrow")
  void aLeaseThatWasHandedOverStaysTheCallersThoughTheExecutorThrowsThen(Throwable thrown) {
    InferenceRouter throwing = throwing(thrown, true);
    Lease held = throwing.acquire(REQUEST);
    CompletableFuture<Lease> waiting = throwing.acquireAsync(REQUEST);

    held.close();

    assertThat(waiting.join().isComplete()).isFalse();
    waiting.join().close();
    assertIdle(throwing);
  }

  @ParameterizedTest
  @MethodSource("whatExecutorsThrow")
  void aWaiterIsRefusedThoughTheExecutorThrows(Throwable thrown) {
    InferenceRouter throwing = throwing(thrown, false);
    Lease held = throwing.acquire(REQUEST);
    CompletableFuture<Lease> waiting = throwing.acquireAsync(REQUEST);

    time.advance(Duration.ofSeconds(5));

    assertShed(waiting, OverloadedException.Reason.QUEUE_TIMEOUT);
    held.close();
    assertIdle(throwing);
  }

  @Test
  void waitingEndsWithTheRoutersLimit() {
    router.acquire(REQUEST);
    CompletableFuture<Lease> waiting = router.acquireAsync(REQUEST);

    time.advance(Duration.ofMillis(4_999));
    runHandedOver();
    assertThat(waiting).isNotDone();
    time.advance(Duration.ofMillis(1));
    runHandedOver();

    assertShed(waiting, OverloadedException.Reason.QUEUE_TIMEOUT);
    assertThat(router.snapshot().queued()).isZero();
  }

  @Test
  void theRequestsOwnLimitGoesBeforeTheRouters() {
    router.acquire(REQUEST);
    CompletableFuture<Lease> patient =
        router.acquireAsync(REQUEST.toBuilder().maxQueueTime(Duration.ofSeconds(20)).build());
    CompletableFuture<Lease> impatient =
        router.acquireAsync(REQUEST.toBuilder().maxQueueTime(Duration.ZERO).build());

    assertShed(impatient, OverloadedException.Reason.NO_FREE_SLOT);
    time.advance(Duration.ofSeconds(19));
    runHandedOver();
    assertThat(patient).isNotDone();
  }

  @Test
  void nobodyWaitsBeyondADeadline() {
    router.acquire(REQUEST);
    CompletableFuture<Lease> waiting =
        router.acquireAsync(REQUEST.toBuilder().deadline(Duration.ofSeconds(2)).build());

    time.advance(Duration.ofSeconds(2));
    runHandedOver();

    assertShed(waiting, OverloadedException.Reason.DEADLINE);
  }

  @Test
  void aFullQueueShedsTheNewcomer() {
    router.acquire(REQUEST);
    for (int i = 0; i < 3; i++) {
      assertThat(router.acquireAsync(REQUEST)).isNotDone();
    }

    assertShed(router.acquireAsync(REQUEST), OverloadedException.Reason.QUEUE_FULL);
    assertThat(router.snapshot().queued()).isEqualTo(3);
  }

  @Test
  void aFullQueueMakesRoomForAMoreUrgentRequest() {
    router.acquire(REQUEST);
    CompletableFuture<Lease> first = router.acquireAsync(request(Priority.BACKGROUND));
    CompletableFuture<Lease> last = router.acquireAsync(request(Priority.BACKGROUND));
    CompletableFuture<Lease> standard = router.acquireAsync(REQUEST);

    CompletableFuture<Lease> critical = router.acquireAsync(request(Priority.CRITICAL));
    runHandedOver();

    assertShed(last, OverloadedException.Reason.QUEUE_FULL);
    assertThat(List.of(first, standard, critical)).noneMatch(CompletableFuture::isDone);
    assertThat(router.snapshot().queued()).isEqualTo(3);
  }

  @Test
  void closingTheRouterEndsAllWaiting() {
    Lease held = router.acquire(REQUEST);
    CompletableFuture<Lease> waiting = router.acquireAsync(REQUEST);

    router.close();
    runHandedOver();

    assertThatThrownBy(waiting::get).cause().isInstanceOf(RouterClosedException.class);
    assertThatThrownBy(() -> router.acquire(REQUEST)).isInstanceOf(RouterClosedException.class);
    assertThatThrownBy(() -> router.acquireAsync(REQUEST).get())
        .cause()
        .isInstanceOf(RouterClosedException.class);
    held.close();
    assertIdle(router);
  }

  @Test
  void aRequestThatNothingMayServeDoesNotWait() {
    assertThatThrownBy(
            () -> router.acquireAsync(InferenceRequest.forModel("unknown").build()).get())
        .cause()
        .isInstanceOf(NoEndpointException.class);
  }

  @Test
  void anEndpointThatJoinsServesTheQueue() {
    router.acquire(REQUEST);
    CompletableFuture<Lease> waiting = router.acquireAsync(REQUEST);

    router.updateEndpoints(
        List.of(
            Endpoint.builder("a", "http://a").maxConcurrency(1).model("m").build(),
            Endpoint.builder("c", "http://c").model("m").build()));
    runHandedOver();

    assertThat(waiting.join().endpoint().id()).isEqualTo("c");
  }

  @Test
  void eventsTellOfWaitingAndShedding() {
    events.lines.clear();
    Lease held = router.acquire(REQUEST);
    CompletableFuture<Lease> served = router.acquireAsync(REQUEST);
    CompletableFuture<Lease> late =
        router.acquireAsync(REQUEST.toBuilder().maxQueueTime(Duration.ofSeconds(1)).build());
    time.advance(Duration.ofSeconds(1));
    held.close();
    runHandedOver();

    assertThat(served).isCompleted();
    assertThat(late).isCompletedExceptionally();
    assertThat(events.lines)
        .containsExactly(
            "acquired a",
            "queued",
            "queued",
            "shed OverloadedException",
            "completed a CANCELLED 1000000000",
            "acquired a");
  }
}
