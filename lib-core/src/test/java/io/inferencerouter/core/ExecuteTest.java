package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExecuteTest {
  private static final InferenceRequest REQUEST = InferenceRequest.forModel("m").build();

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();
  private final Queue<Runnable> handedOver = new ArrayDeque<>();
  private final InferenceRouter router =
      InferenceRouters.builder()
          .endpoint(Endpoint.builder("a", "http://a").maxConcurrency(1).build())
          .ticker(time)
          .scheduler(time)
          .executor(handedOver::add)
          .listener(events)
          .build();

  private void runHandedOver() {
    while (!handedOver.isEmpty()) {
      handedOver.remove().run();
    }
  }

  @AfterEach
  void nothingIsLeft() {
    runHandedOver();
    assertIdle(router);
  }

  @Test
  void theAnswerOfTheAttemptIsReturnedAndCountsAsASuccess() throws Exception {
    String answer = router.execute(REQUEST, lease -> "from " + lease.endpoint().id());

    assertThat(answer).isEqualTo("from a");
    assertThat(events.lines).endsWith("completed a SUCCESS 0");
  }

  @Test
  void whatTheAttemptThrowsReachesTheCallerAsItIs() {
    assertThatThrownBy(
            () ->
                router.<String, IOException>execute(
                    REQUEST,
                    lease -> {
                      throw new FileNotFoundException("gone");
                    }))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("gone");
    assertThat(events.lines).endsWith("completed a SERVER_FAULT 0");
  }

  @Test
  void anAttemptMayDecideItsOutcomeItself() throws Exception {
    String answer =
        router.execute(
            REQUEST,
            lease -> {
              lease.complete(io.inferencerouter.Outcome.rejected());
              return "refused";
            });

    assertThat(answer).isEqualTo("refused");
    assertThat(events.lines).endsWith("completed a REJECTED 0");
  }

  @Test
  void aBlockedCallerIsServedByTheThreadThatReleases() throws Exception {
    Lease held = router.acquire(REQUEST);
    AtomicReference<Object> answer = new AtomicReference<>();
    Thread caller = inBackground(answer);
    awaitQueued(caller);

    held.close();
    caller.join();

    assertThat(answer.get()).isEqualTo("a");
    // The caller's own success has something to be put in order; that is all.
    assertThat(handedOver).hasSizeLessThan(2);
  }

  @Test
  void anInterruptedCallerLeavesTheQueue() throws Exception {
    Lease held = router.acquire(REQUEST);
    AtomicReference<Object> answer = new AtomicReference<>();
    Thread caller = inBackground(answer);
    awaitQueued(caller);

    caller.interrupt();
    caller.join();

    assertThat(answer.get()).isInstanceOf(InterruptedException.class);
    assertThat(router.snapshot().queued()).isZero();
    held.close();
  }

  private Thread inBackground(AtomicReference<Object> answer) {
    Thread caller =
        new Thread(
            () -> {
              try {
                answer.set(router.execute(REQUEST, lease -> lease.endpoint().id()));
              } catch (Throwable thrown) {
                answer.set(thrown);
              }
            });
    caller.setDaemon(true);
    caller.start();
    return caller;
  }

  private void awaitQueued(Thread caller) {
    while (router.snapshot().queued() == 0 || caller.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
  }

  @Test
  void anAsynchronousAttemptRunsOnTheExecutorAndEndsWithItsStage() throws Exception {
    CompletableFuture<String> stage = new CompletableFuture<>();
    CompletableFuture<String> result = router.executeAsync(REQUEST, lease -> stage);
    assertThat(handedOver).hasSize(1);
    runHandedOver();
    assertThat(router.snapshot().inFlight()).isEqualTo(1);

    stage.complete("done");

    assertThat(result.get()).isEqualTo("done");
    assertThat(events.lines).endsWith("completed a SUCCESS 0");
  }

  @Test
  void aStageThatFailsFailsTheResult() {
    CompletableFuture<String> result =
        router.executeAsync(
            REQUEST, lease -> CompletableFuture.failedFuture(new IOException("broken")));
    runHandedOver();

    assertThatThrownBy(result::get).cause().hasMessage("broken");
    assertThat(events.lines).endsWith("completed a SERVER_FAULT 0");
  }

  @Test
  void anAttemptThatThrowsInPlaceOfStartingFailsTheResult() {
    CompletableFuture<String> result =
        router.executeAsync(
            REQUEST,
            lease -> {
              throw new IllegalStateException("no start");
            });
    runHandedOver();

    assertThatThrownBy(result::get).cause().hasMessage("no start");
  }

  @Test
  @SuppressWarnings("NullAway") // as from a caller that is not checked for null
  void anAttemptThatStartsNothingFailsTheResult() {
    CompletableFuture<String> result = router.executeAsync(REQUEST, lease -> null);
    runHandedOver();

    assertThat(result).isDone();
    assertThatThrownBy(result::get).cause().isInstanceOf(NullPointerException.class);
  }

  @Test
  void aStageThatCannotBeListenedToFailsTheResult() {
    CompletableFuture<String> result =
        router.executeAsync(
            REQUEST,
            lease ->
                new CompletableFuture<>() {
                  @Override
                  public CompletableFuture<String> whenComplete(
                      BiConsumer<? super String, ? super Throwable> action) {
                    throw new IllegalStateException("no listeners");
                  }
                });
    runHandedOver();

    assertThat(result).isDone();
    assertThatThrownBy(result::get).cause().hasMessage("no listeners");
  }

  @Test
  void cancellingTheResultCancelsTheAttemptUnderWay() {
    CompletableFuture<String> stage = new CompletableFuture<>();
    CompletableFuture<String> result = router.executeAsync(REQUEST, lease -> stage);
    runHandedOver();

    result.cancel(true);

    assertThat(stage).isCancelled();
    assertThat(events.lines).endsWith("completed a CANCELLED 0");
  }

  @Test
  void cancellingTheResultGivesUpWaiting() {
    Lease held = router.acquire(REQUEST);
    CompletableFuture<String> result =
        router.executeAsync(REQUEST, lease -> CompletableFuture.completedFuture("late"));
    assertThat(router.snapshot().queued()).isEqualTo(1);

    result.cancel(true);

    assertThat(router.snapshot().queued()).isZero();
    held.close();
  }

  @Test
  void cancellingTheResultBeforeTheAttemptStartsReturnsTheLease() {
    CompletableFuture<String> result =
        router.executeAsync(REQUEST, lease -> CompletableFuture.completedFuture("late"));

    result.cancel(true);
    runHandedOver();

    assertThat(result).isCancelled();
    assertThat(events.lines).endsWith("completed a CANCELLED 0");
  }

  @Test
  void refusalsReachAsynchronousCallersAsTheyAre() {
    Lease held = router.acquire(REQUEST);
    CompletableFuture<String> result =
        router.executeAsync(
            REQUEST.toBuilder().maxQueueTime(java.time.Duration.ZERO).build(),
            lease -> CompletableFuture.completedFuture("never"));

    assertThatThrownBy(result::get).cause().isInstanceOf(OverloadedException.class);
    assertThatThrownBy(result::join).isNotInstanceOf(CancellationException.class);
    held.close();
  }

  @Test
  void aLeaseMayBeCompletedOnAnyThread() throws Exception {
    Lease lease = router.acquire(REQUEST);
    CountDownLatch done = new CountDownLatch(1);
    Thread other =
        new Thread(
            () -> {
              lease.firstToken();
              lease.progress(3);
              lease.close();
              done.countDown();
            });
    other.setDaemon(true);
    other.start();
    done.await();

    assertThat(lease.isComplete()).isTrue();
  }
}
